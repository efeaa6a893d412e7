using System.CommandLine;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Conformance;
using Gtc.Model;

namespace Gtc.Cli.Conformance;

/// <summary><c>gtc conformance</c>: does a deployer keep its contract?</summary>
internal static class ConformanceCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Run the driving test of a deployer and tell every check that fails";

    private const string LocalProcess = "local-process";
    private const string Kubernetes = "k8s";
    private const string Fleet = "fleet";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context) => VerbFlags.Alone(Verb, context);

    private static Verb<ConformancePayload> Verb => new()
    {
        Noun = "conformance",
        Name = "conformance",
        Purpose = Purpose,
        Remark = "local-process is tested passive and with real workers that it starts on this machine, in a folder of its own that is removed afterwards. It takes some minutes:\n"
            + "two checks wait for a health gate to give up. k8s is tested in namespaces of its own (gtc-conf…) of the cluster that the kubeconfig leads to, as whoever it says,\n"
            + "who may make and remove namespaces; they are removed afterwards. On a cluster with nodes its pods run the image, and what is ready is what kubelets say;\n"
            + "routers are not started, and 2 processors are enough. On an API server alone the suite says that Deployments are ready, in place of controllers and kubelets.\n"
            + "fleet is tested the same way (gtc fleet install --crds-only is needed before), as an account that may do what its credentials require and nothing else; the\n"
            + "suite makes ten devices and stands in for them and for the operator, so none may run in that cluster.\n"
            + "Deployers of your own run the same suite as a library (docs/guides/write-a-deployer.md).",
        Examples = ["conformance", "conformance --deployer local-process --format json --fail-on-findings", "conformance --deployer k8s --context kind-dev", "conformance --deployer fleet --kubeconfig lab.yaml", "conformance --only C12"],
        Payload = ConformanceJson.Default.ConformancePayload,
        Fields =
        [
            new("deployer", $"which: {LocalProcess}, {Kubernetes} or {Fleet}; {LocalProcess} when not given", "--deployer", "NAME"),
            new("only", "these checks instead of all, e.g. C19,C21", "--only", "IDS"),
            new("kubeconfig", "k8s, fleet: the kubeconfig; KUBECONFIG or ~/.kube/config when not given", "--kubeconfig", "FILE"),
            new("context", "k8s, fleet: the context of the kubeconfig; the current one when not given", "--context", "NAME"),
            new("image", "k8s: the image that pods run where there are nodes; localhost/gtc:VERSION when not given", "--image", "IMAGE"),
            new("timeout", "k8s: how long they get to become healthy, in seconds; GREENTIC_K8S_WARM_READY_TIMEOUT_SECS or 300 when not given", "--timeout", "S"),
        ],
        ReportsFindings = true,
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(ConformancePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var only = payload.Only?.Split(',', StringSplitOptions.TrimEntries);
        var checks = ConformanceCheck.All.Where(check => only is null || only.Contains(check.Id, StringComparer.OrdinalIgnoreCase)).ToList();
        if (only?.FirstOrDefault(id => !checks.Exists(check => check.Id.Equals(id, StringComparison.OrdinalIgnoreCase))) is { } unknown)
        {
            return new Refusal.InvalidArgument($"`{unknown}` is no check, {ConformanceCheck.All[0].Id} to {ConformanceCheck.All[^1].Id} were expected");
        }

        if (payload.Deployer is not (Kubernetes or Fleet) && (payload.Kubeconfig ?? payload.Context) is not null)
        {
            return new Refusal.InvalidArgument($"kubeconfig and context are about a cluster: they need --deployer {Kubernetes} or {Fleet}");
        }

        if (payload.Deployer != Kubernetes && (payload.Timeout is not null || payload.Image is not null))
        {
            return new Refusal.InvalidArgument($"image and timeout are about pods: they need --deployer {Kubernetes}");
        }

        var suite = new ConformanceSuite { Time = call.Context.Time, Ended = result => Progress(result, call) };
        return (payload.Deployer switch
        {
            null or LocalProcess => await LocalProcessRun.RunAsync(suite, checks, call.Context, cancellationToken),
            Kubernetes => await KubernetesRun.RunAsync(suite, checks, payload, call, cancellationToken),
            Fleet => await FleetRun.RunAsync(suite, checks, payload, call.Context, cancellationToken),
            _ => new Refusal.InvalidArgument($"`{payload.Deployer}` has no conformance run of its own, {LocalProcess}, {Kubernetes} or {Fleet} was expected"),
        }).Then(Shown);
    }

    private static void Progress(CheckResult result, VerbCall call)
    {
        if (call.Context.IsErrorTerminal && result.Status != CheckStatus.NotApplicable)
        {
            call.Context.Stderr.WriteLine($"{result.Id,-4} {(result.Status == CheckStatus.Passed ? "ok" : "FAILED")}  {result.ElapsedMs / 1000:F1} s");
        }
    }

    private static Outcome<Answer> Shown(ConformanceShown shown) => Answer.Of(shown, ConformanceJson.Default.ConformanceShown, screen =>
    {
        foreach (var report in shown.Reports)
        {
            screen.Say(report.ToString());
        }
    }) with { HasFindings = shown.Failed > 0 };
}
