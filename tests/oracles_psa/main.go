// The judge of the judge: reads pods, a JSON object a line, and answers each with the checks of Kubernetes' own
// Pod Security admission that refuse it, by level and minor version, as {"restricted/36": ["runAsNonRoot"]}.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		var pod corev1.Pod
		if err := json.Unmarshal(lines.Bytes(), &pod); err != nil {
			fmt.Fprintf(out, "{\"error\": [%q]}\n", err.Error())
			continue
		}
		for i, volume := range pod.Spec.Volumes { // the API server's own default, filled in before admission
			if volume.VolumeSource == (corev1.VolumeSource{}) {
				pod.Spec.Volumes[i].EmptyDir = &corev1.EmptyDirVolumeSource{}
			}
		}
		answer := map[string][]string{}
		for _, argument := range os.Args[1:] {
			minor, err := strconv.Atoi(argument)
			if err != nil {
				panic(err)
			}
			for _, level := range []api.Level{api.LevelBaseline, api.LevelRestricted} {
				answer[fmt.Sprintf("%s/%d", level, minor)] = refusing(&pod, level, minor)
			}
		}
		text, err := json.Marshal(answer)
		if err != nil {
			panic(err)
		}
		fmt.Fprintln(out, string(text))
	}
}

func refusing(pod *corev1.Pod, level api.Level, minor int) []string {
	chosen, overridden := map[policy.CheckID]policy.VersionedCheck{}, map[policy.CheckID]bool{}
	for _, check := range policy.DefaultChecks() {
		if check.Level == api.LevelRestricted && level == api.LevelBaseline {
			continue
		}
		version := api.MajorMinorVersion(1, minor)
		for _, one := range check.Versions {
			if !version.Older(one.MinimumVersion) {
				chosen[check.ID] = one
			}
		}
		for _, id := range chosen[check.ID].OverrideCheckIDs {
			overridden[id] = true
		}
	}
	refusing := []string{}
	for id, check := range chosen {
		if !overridden[id] && !check.CheckPod(&pod.ObjectMeta, &pod.Spec).Allowed {
			refusing = append(refusing, string(id))
		}
	}
	sort.Strings(refusing)
	return refusing
}
