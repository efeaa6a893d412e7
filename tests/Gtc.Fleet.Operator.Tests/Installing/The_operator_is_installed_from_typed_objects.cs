using System.Text.Json;
using Gtc.Fleet.Operator.Installing;

namespace Gtc.Fleet.Operator.Tests.Installing;

public class The_operator_is_installed_from_typed_objects
{
    private static readonly InstallOptions Options = new() { Image = "registry.example/gtc:1", NatsCredentialsSecret = "operator-creds" };

    [Fact]
    public void The_list_is_complete_and_in_order() =>
        OperatorObjects.All(Options).Select(item => $"{item.GetProperty("kind")} {item.GetProperty("metadata").GetProperty("name")}").ShouldBe(
        [
            "CustomResourceDefinition deployments.fleet.nationtech.io",
            "CustomResourceDefinition devices.fleet.nationtech.io",
            "Namespace fleet-system",
            "ServiceAccount fleet-operator",
            "ClusterRole fleet-operator",
            "ClusterRoleBinding fleet-operator",
            "Role fleet-operator",
            "RoleBinding fleet-operator",
            "Deployment fleet-operator",
            "Service fleet-operator",
        ]);

    [Fact]
    public void Every_object_can_be_applied() => OperatorObjects.All(Options).ShouldAllBe(item => ClusterInstaller.Identify(item).Name.Length > 0);

    /// <summary>A right that is not needed is a right that a stolen token has.</summary>
    [Fact]
    public void The_operator_may_do_what_it_does_and_nothing_else()
    {
        var rights = OperatorObjects.All(Options).Where(item => item.GetProperty("kind").GetString() is "ClusterRole" or "Role")
            .SelectMany(role => role.GetProperty("rules").EnumerateArray())
            .Select(rule => $"{rule.GetProperty("apiGroups")[0]}/{string.Join(',', Texts(rule, "resources"))}: {string.Join(',', Texts(rule, "verbs"))}");

        rights.ShouldBe(
        [
            "fleet.nationtech.io/deployments: get,list,watch,patch",
            "fleet.nationtech.io/deployments/status: get,patch",
            "fleet.nationtech.io/deployments/finalizers: update",
            "fleet.nationtech.io/devices: get,list,watch,create,patch,delete",
            "fleet.nationtech.io/devices/status: get,patch",
            "/events: create,patch",
            "coordination.k8s.io/leases: get,create,patch,update",
        ]);
    }

    [Fact]
    public void Its_pod_is_told_where_the_broker_is_and_shows_its_credentials()
    {
        var container = OperatorObjects.All(Options).Single(item => item.GetProperty("kind").ValueEquals("Deployment")).GetProperty("spec").GetProperty("template").GetProperty("spec").GetProperty("containers")[0];

        string.Join(' ', Texts(container, "args")).ShouldBe("fleet operator --namespace fleet-system --api-budget 50 --listen 0.0.0.0:8080 --nats-creds /etc/gtc/nats/user.creds");
        container.GetProperty("env")[0].GetProperty("value").GetString().ShouldBe(InstallOptions.DefaultNatsUrl);
        container.GetProperty("volumeMounts")[0].GetProperty("mountPath").GetString().ShouldBe("/etc/gtc/nats");
    }

    private static IEnumerable<string?> Texts(JsonElement item, string member) => item.GetProperty(member).EnumerateArray().Select(text => text.GetString());
}
