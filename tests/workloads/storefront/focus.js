// Gives the contrast of the outline around what has the focus to what lies behind it (WCAG 2.2, 1.4.11), 0 without one.
() => {
  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = channels(color).map((part) => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const opaque = (element) => (channels(getComputedStyle(element).backgroundColor)[3] ?? 1) > 0;
  const style = getComputedStyle(document.activeElement);
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) return 0;
  let behind = document.activeElement.parentElement;
  while (!opaque(behind)) behind = behind.parentElement;
  const pair = [style.outlineColor, getComputedStyle(behind).backgroundColor].map(luminance).sort((a, b) => b - a);
  return (pair[0] + 0.05) / (pair[1] + 0.05);
}
