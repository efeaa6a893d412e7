using System.Globalization;
using Gtc.Cli.Demo;

namespace Gtc.Cli.Fleet.Demo;

/// <summary>What a person may try while the demo waits: command lines that work as they are printed.</summary>
internal static class FleetMenu
{
    private const string Name = "hello";

    /// <summary>The lines, with what each is for.</summary>
    /// <param name="lab">The demo.</param>
    /// <param name="gtc">How gtc is called.</param>
    /// <param name="port">A free port.</param>
    public static IReadOnlyList<(string Purpose, string Line)> Lines(FleetLab lab, string gtc, int port)
    {
        var device = lab.Devices[0];
        var to = string.Create(CultureInfo.InvariantCulture, $"--namespace {FleetLab.Namespace} --name {Name} --to device-id={device.Id} --port {port}:80");
        var server = $"--server {lab.BrokerUrl}";
        return
        [
            ("first", $"export KUBECONFIG={lab.Kube.Kubeconfig}"),
            ("watch", "kubectl get deployments.fleet.nationtech.io -A -w"),
            ("devices", "kubectl get devices.fleet.nationtech.io -w"),
            ("apply", $"{gtc} fleet apply {to} --image {lab.Registry.Reference("v1")}"),
            ("explain", $"{gtc} fleet explain device {device.Id}"),
            ("ask", string.Create(CultureInfo.InvariantCulture, $"curl -s http://127.0.0.1:{port}/")),
            ("upgrade", $"{gtc} fleet apply {to} --image {lab.Registry.Reference("v2")}"),
            ("by kubectl", $"{gtc} fleet apply {to} --image {lab.Registry.Reference("v2")} --print | kubectl apply --server-side --force-conflicts -f -"),
            ("containers", $"{device.PodmanCommand} ps"),
            ("keys", $"{gtc} fleet nats kv ls desired-state {server}"),
            ("desired", $"{gtc} fleet nats kv get desired-state {device.Id}.{Name} --raw {server}"),
            ("state", $"{gtc} fleet nats kv get device-state state.{device.Id}.{Name} --raw {server}"),
            ("heartbeat", $"{gtc} fleet nats kv get device-heartbeat heartbeat.{device.Id} --raw {server}"),
            ("log", $"tail -f {lab.Operator.LogFile} {device.Agent.LogFile}"),
            ("reboot", $"kill -9 {device.Agent.ProcessId.ToString(CultureInfo.InvariantCulture)}; {gtc} fleet agent --config {device.ConfigFile}"),
            ("delete", $"{gtc} fleet apply {to} --delete"),
        ];
    }

    /// <summary>Prints them.</summary>
    public static void Tell(DemoSteps steps, FleetLab lab, string gtc)
    {
        foreach (var (purpose, line) in Lines(lab, gtc, FleetLab.FreePort()))
        {
            steps.Tell("try", $"{purpose,-11} {line}", [("purpose", purpose), ("line", line)], isPart: true);
        }
    }
}
