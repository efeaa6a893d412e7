using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Usage;

/// <summary><c>gtc op usage export</c>: usage as lines for another program, one per customer, tenant, deployment, revision and hour.</summary>
internal static class UsageExport
{
    private const string JsonLines = "jsonl";
    private const string Csv = "csv";
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    /// <summary>The verb.</summary>
    public static Verb<UsageExportPayload> Verb => new()
    {
        Noun = "usage",
        Name = "export",
        Purpose = "Write usage as JSON lines or CSV, one line per customer, tenant, deployment, revision and hour",
        Remark = "Without --output the lines themselves are printed, whatever --format says. What could not be read is told on standard error.",
        Examples = ["op usage export", "op usage export prod --from 7d --as csv --output usage.csv"],
        Payload = OpJson.Default.UsageExportPayload,
        Fields =
        [
            PayloadField.Environment,
            .. UsageRead.TimeFields,
            new("as", "jsonl or csv (RFC 4180, with a head); jsonl when not given", "--as", "jsonl|csv"),
            new("output", "a new file; standard output when not given", "--output", "FILE"),
        ],
        ReportsFindings = true,
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(UsageExportPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var form = payload.As ?? JsonLines;
        if (form is not (JsonLines or Csv))
        {
            return new Refusal.InvalidArgument($"as must be {JsonLines} or {Csv}, `{form}` was given");
        }

        if (!(await UsageRead.OfAsync(payload.EnvironmentId, payload.From, payload.To, call, cancellationToken)).TryGet(out var usage, out var refusal))
        {
            return refusal;
        }

        foreach (var finding in usage.Findings)
        {
            await call.Context.Stderr.WriteLineAsync($"warning: {finding}");
        }

        if (payload.Output is not { Length: > 0 } given)
        {
            return new Answer(_ => { }, _ => { }) { Lines = writer => Write(usage, form, writer), HasFindings = !usage.Findings.IsEmpty };
        }

        var path = call.Context.PathOf(given);
        if (Path.Exists(path))
        {
            return new Refusal.Conflict($"{path} exists already; usage goes into a file of its own");
        }

        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = AtomicFile.Private };
        await using (var file = new StreamWriter(path, options))
        {
            Write(usage, form, file);
        }

        var result = new UsageExported(usage.At.Environment.ToString(), path, form, usage.Hours.Length, usage.Findings);
        return Answer.Of(result, OpJson.Default.UsageExported, screen => screen.Say($"{usage.Hours.Length} lines of usage are in {path}.")) with { HasFindings = !usage.Findings.IsEmpty };
    }

    private static void Write(UsageRead usage, string form, TextWriter writer)
    {
        if (form == Csv)
        {
            writer.Write("hour,customer_id,tenant,deployment_id,bundle_id,revision_id,requests,flow_runs,component_calls,bytes_in,bytes_out,policy_ref\r\n");
        }

        foreach (var hour in usage.Hours)
        {
            var line = UsageLine.Of(hour, usage.PolicyOf(hour));
            writer.Write(form == Csv ? CsvOf(line) : JsonSerializer.Serialize(line, OpJson.Default.UsageLine) + "\n");
        }
    }

    private static string CsvOf(UsageLine line) => string.Join(
        ',',
        Field(line.Hour), Field(line.CustomerId), Field(line.Tenant), Field(line.DeploymentId), Field(line.BundleId), Field(line.RevisionId),
        Field(line.Requests), Field(line.FlowRuns), Field(line.ComponentCalls), Field(line.BytesIn), Field(line.BytesOut), Field(line.PolicyRef ?? "")) + "\r\n";

    private static string Field(long count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Field(string text) => text.AsSpan().ContainsAny(Quoted) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
