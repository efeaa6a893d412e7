using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json.Serialization;
using Gtc.Artifacts.Building;
using Gtc.Cli.Demo;
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

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context) => VerbFlags.Alone(Verb, context);

    private static Verb<ConformancePayload> Verb => new()
    {
        Noun = "conformance",
        Name = "conformance",
        Purpose = Purpose,
        Remark = "local-process is tested passive and with real workers that it starts on this machine, in a folder of its own that is removed afterwards. It takes some minutes:\n"
            + "two checks wait for a health gate to give up. Deployers of your own run the same suite as a library (docs/guides/write-a-deployer.md).",
        Examples = ["conformance", "conformance --deployer local-process --format json --fail-on-findings", "conformance --only C12"],
        Payload = ConformanceJson.Default.ConformancePayload,
        Fields =
        [
            new("deployer", $"which; {LocalProcess} when not given", "--deployer", "NAME"),
            new("only", "one check instead of all", "--only", "ID"),
        ],
        ReportsFindings = true,
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(ConformancePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (payload.Deployer is not (null or LocalProcess))
        {
            return new Refusal.InvalidArgument($"`{payload.Deployer}` has no conformance run of its own, {LocalProcess} was expected");
        }

        var checks = ConformanceCheck.All.Where(check => payload.Only is null || check.Id.Equals(payload.Only, StringComparison.OrdinalIgnoreCase)).ToList();
        if (checks.Count == 0)
        {
            return new Refusal.InvalidArgument($"`{payload.Only}` is no check, {ConformanceCheck.All[0].Id} to {ConformanceCheck.All[^1].Id} were expected");
        }

        var folder = Directory.CreateTempSubdirectory("gtc-conformance-").FullName;
        try
        {
            var bundle = Path.Combine(folder, "hello-worker.gtbundle");
            HelloWorkerSource.WriteTo(Path.Combine(folder, "source"));
            if (!(await BundleBuilder.BuildAsync(Path.Combine(folder, "source"), bundle, GtcCommandLine.Version, cancellationToken)).TryGet(out var built, out var refusal))
            {
                return refusal;
            }

            var suite = new ConformanceSuite { Time = call.Context.Time, Ended = result => Progress(result, call) };
            var reports = ImmutableArray.CreateBuilder<ConformanceReport>();
            foreach (var supervises in (bool[])[false, true])
            {
                reports.Add(await suite.RunAsync(new LocalProcessTarget(call.Context, folder, bundle, built.Digest.ToString(), supervises), checks, cancellationToken));
            }

            return Shown(new ConformanceShown(reports.Sum(report => report.Failed), reports.ToImmutable()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
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

/// <summary>What <c>gtc conformance</c> takes.</summary>
internal sealed record ConformancePayload
{
    /// <summary>The deployer, or null for that of this machine.</summary>
    public string? Deployer { get; init; }

    /// <summary>One check, or null for all.</summary>
    public string? Only { get; init; }
}

/// <summary>What <c>gtc conformance</c> answers.</summary>
/// <param name="Failed">How many checks failed in all reports.</param>
/// <param name="Reports">One for each way in which the deployer works.</param>
internal sealed record ConformanceShown(int Failed, ImmutableArray<ConformanceReport> Reports);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ConformancePayload))]
[JsonSerializable(typeof(ConformanceShown))]
internal sealed partial class ConformanceJson : JsonSerializerContext;
