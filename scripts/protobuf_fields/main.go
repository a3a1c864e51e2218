// Prints the protobuf field numbers of the built-in kinds that kubectl sends as protobuf, as the JSON data file of
// the embedded API server (gitops_tui/sandbox/data/protobuf.json):
//
//	cd scripts/protobuf_fields && go run . > ../../gitops_tui/sandbox/data/protobuf.json
//
// A field is [json name, type, keep]: keep is 1 where a zero value is a value (pointers), 0 where JSON leaves it out.
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"sort"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var kinds = map[string][]any{
	"v1": {corev1.Namespace{}, corev1.ConfigMap{}, corev1.Secret{}, corev1.Service{}, corev1.ServiceAccount{},
		corev1.Pod{}, corev1.Event{}, corev1.Endpoints{}, corev1.Node{}, corev1.PersistentVolume{},
		corev1.PersistentVolumeClaim{}, corev1.ReplicationController{}, corev1.ResourceQuota{}, corev1.LimitRange{},
		metav1.DeleteOptions{}},
	"meta.k8s.io/v1":               {metav1.DeleteOptions{}},
	"apps/v1":                      {appsv1.Deployment{}, appsv1.ReplicaSet{}, appsv1.StatefulSet{}, appsv1.DaemonSet{}, appsv1.ControllerRevision{}},
	"batch/v1":                     {batchv1.Job{}, batchv1.CronJob{}},
	"autoscaling/v1":               {autoscalingv1.Scale{}},
	"autoscaling/v2":               {autoscalingv2.HorizontalPodAutoscaler{}},
	"networking.k8s.io/v1":         {networkingv1.Ingress{}, networkingv1.IngressClass{}, networkingv1.NetworkPolicy{}},
	"policy/v1":                    {policyv1.PodDisruptionBudget{}, policyv1.Eviction{}},
	"rbac.authorization.k8s.io/v1": {rbacv1.Role{}, rbacv1.RoleBinding{}, rbacv1.ClusterRole{}, rbacv1.ClusterRoleBinding{}},
	"scheduling.k8s.io/v1":         {schedulingv1.PriorityClass{}},
	"storage.k8s.io/v1":            {storagev1.StorageClass{}},
	"coordination.k8s.io/v1":       {coordinationv1.Lease{}},
	"discovery.k8s.io/v1":          {discoveryv1.EndpointSlice{}},
	"events.k8s.io/v1":             {eventsv1.Event{}},
	"admissionregistration.k8s.io/v1": {admissionv1.MutatingWebhookConfiguration{}, admissionv1.ValidatingWebhookConfiguration{}},
	"authorization.k8s.io/v1":         {authorizationv1.SelfSubjectAccessReview{}, authorizationv1.SelfSubjectRulesReview{}},
	"authentication.k8s.io/v1":        {authenticationv1.SelfSubjectReview{}},
}

var special = map[string]string{
	"Time": "time", "MicroTime": "microtime", "Quantity": "quantity", "IntOrString": "intorstring",
	"RawExtension": "raw", "FieldsV1": "raw", "Duration": "duration",
}

var messages = map[string]map[string][]any{}

func name(t reflect.Type) string { return strings.ReplaceAll(strings.TrimPrefix(t.PkgPath(), "k8s.io/"), "/", ".") + "." + t.Name() }

func typeOf(t reflect.Type, wire string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if known, found := special[t.Name()]; found {
		return known
	}
	switch t.Kind() {
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		return "[]" + typeOf(t.Elem(), wire)
	case reflect.Map:
		return "{}" + typeOf(t.Elem(), "bytes")
	case reflect.Struct:
		walk(t)
		return name(t)
	case reflect.Bool:
		return "bool"
	case reflect.String:
		return "string"
	case reflect.Float64, reflect.Float32:
		return "float"
	}
	return "int"
}

func walk(t reflect.Type) {
	if _, seen := messages[name(t)]; seen {
		return
	}
	fields := map[string][]any{}
	messages[name(t)] = fields
	for i := range t.NumField() {
		field := t.Field(i)
		tag := strings.Split(field.Tag.Get("protobuf"), ",")
		if len(tag) < 2 {
			continue
		}
		words := strings.Split(field.Tag.Get("json"), ",")
		keep := 0
		if field.Type.Kind() == reflect.Pointer || len(words) == 1 {
			keep = 1
		}
		fields[tag[1]] = []any{words[0], typeOf(field.Type, tag[0]), keep}
	}
}

func main() {
	roots := map[string]string{}
	for version, objects := range kinds {
		for _, object := range objects {
			t := reflect.TypeOf(object)
			walk(t)
			roots[version+"/"+t.Name()] = name(t)
		}
	}
	short := shorten()
	for key, value := range roots {
		roots[key] = short[value]
	}
	written, _ := json.Marshal(map[string]any{"kinds": roots, "messages": renamed(short)})
	os.Stdout.Write(append(written, '\n'))
}

// shorten gives each message the shortest name that nobody else has.
func shorten() map[string]string {
	names := []string{}
	for full := range messages {
		names = append(names, full)
	}
	sort.Strings(names)
	short, taken := map[string]string{}, map[string]bool{}
	for _, full := range names {
		last := full[strings.LastIndex(full, ".")+1:]
		if taken[last] {
			last = full
		}
		taken[last], short[full] = true, last
	}
	return short
}

func renamed(short map[string]string) map[string]map[string][]any {
	out := map[string]map[string][]any{}
	for full, fields := range messages {
		for _, field := range fields {
			text := field[1].(string)
			prefix := ""
			for strings.HasPrefix(text, "[]") || strings.HasPrefix(text, "{}") {
				prefix, text = prefix+text[:2], text[2:]
			}
			if found, is := short[text]; is {
				field[1] = prefix + found
			}
		}
		out[short[full]] = fields
	}
	return out
}
