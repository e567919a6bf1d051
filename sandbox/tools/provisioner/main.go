// Command provisioner gives every claim of its StorageClass a folder of this machine, and takes the folder away when
// the claim is gone and the class says so. It is made of the library that other provisioners are made of.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

var (
	address    = flag.String("address", "127.0.0.1:10255", "where to say that it works: /healthz")
	folder     = flag.String("folder", "", "where the folders are made")
	kubeconfig = flag.String("kubeconfig", "", "how to reach the API server")
	name       = flag.String("name", "", "what the StorageClass calls its provisioner")
	node       = flag.String("node", "", "the node that this machine is")
)

// folders makes and removes a folder per volume, named as the volume is.
type folders struct{ root, node string }

func main() {
	flag.Parse()
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	known := informers.NewSharedInformerFactory(client, controller.DefaultResyncPeriod)
	claims := known.Core().V1().PersistentVolumeClaims().Informer()
	volumes := known.Core().V1().PersistentVolumes().Informer()
	classes := known.Storage().V1().StorageClasses().Informer()
	provisioner := controller.NewProvisionController(
		ctx, client, *name, folders{root: *folder, node: *node},
		controller.ClaimsInformer(claims), controller.VolumesInformer(volumes), controller.ClassesInformer(classes),
		// There is one of it on a machine, so nobody need be elected.
		controller.LeaderElection(false),
		// A volume that is deleted before its claim takes its folder along too.
		controller.AddFinalizer(true),
	)
	known.Start(ctx.Done())
	http.HandleFunc("/healthz", func(writer http.ResponseWriter, _ *http.Request) {
		if !claims.HasSynced() || !volumes.HasSynced() || !classes.HasSynced() {
			http.Error(writer, "not yet", http.StatusServiceUnavailable)
		}
	})
	go func() { log.Fatal(http.ListenAndServe(*address, nil)) }()
	provisioner.Run(ctx)
}

// Provision makes the folder of a claim, and gives the volume that leads to it from this node alone.
func (here folders) Provision(
	_ context.Context, options controller.ProvisionOptions,
) (*corev1.PersistentVolume, controller.ProvisioningState, error) {
	path := filepath.Join(here.root, options.PVName)
	if err := os.MkdirAll(path, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	// Kubelets give no hostPath to a pod's group, so everybody may write; a umask would forbid it.
	if err := os.Chmod(path, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	kind := corev1.HostPathDirectory
	claim := options.PVC.Spec
	volume := &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: options.PVName},
		Spec: corev1.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: *options.StorageClass.ReclaimPolicy,
			AccessModes:                   claim.AccessModes,
			Capacity:                      claim.Resources.Requests,
			NodeAffinity:                  here.affinity(),
			PersistentVolumeSource: corev1.PersistentVolumeSource{
				HostPath: &corev1.HostPathVolumeSource{Path: path, Type: &kind},
			},
		},
	}
	return volume, controller.ProvisioningFinished, nil
}

// affinity says that only pods of this node reach the folder.
func (here folders) affinity() *corev1.VolumeNodeAffinity {
	host := corev1.NodeSelectorRequirement{
		Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpIn, Values: []string{here.node},
	}
	term := corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{host}}
	return &corev1.VolumeNodeAffinity{
		Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{term}},
	}
}

// Delete removes the folder of a volume whose claim is gone, and nothing that is not such a folder.
func (here folders) Delete(_ context.Context, volume *corev1.PersistentVolume) error {
	path := filepath.Join(here.root, volume.Name)
	if volume.Spec.HostPath == nil || volume.Spec.HostPath.Path != path {
		return fmt.Errorf("volume %s: its folder is not %s, and is left alone", volume.Name, path)
	}
	return os.RemoveAll(path)
}
