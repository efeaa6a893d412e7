using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Gtc.Cli.Output;
using Gtc.Cli.Payloads;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Traffic;

/// <summary><c>gtc op traffic explain</c>: which revision a caller is given, and what changes of the dial did and would do to it.</summary>
internal static class TrafficExplain
{
    /// <summary>One line.</summary>
    public const string Purpose = "Explain which revision a caller is given, and was, and would be after a rollback";

    private const int MaxCallers = 10_000;
    private const int MaxCallerBytes = 1024;
    private const int MaxShown = 20;

    /// <summary>The verb.</summary>
    public static Verb<ExplainTrafficPayload> Verb => new()
    {
        Noun = "traffic",
        Name = "explain",
        Purpose = Purpose,
        Remark = "A caller's key is what the router knows it by: the configured header, the message's user, or the cookie's random id. A signed cookie, a session pin or a revision that is not healthy goes before the shares, which are explained here.",
        Examples = ["op traffic explain --caller alice", "op traffic explain local --deployment checkout --caller alice --caller bob", "op traffic explain --callers-from callers.txt"],
        Payload = OpJson.Default.ExplainTrafficPayload,
        Fields =
        [
            PayloadField.Environment,
            TrafficNoun.Deployment,
            new("callers", "a caller's key", "--caller", "KEY"),
            new("callers_from", "a file with one key per line, or - for standard input", "--callers-from", "FILE"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(ExplainTrafficPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out var document, out refusal)
            || !Choice.Deployment(document, payload.DeploymentId).TryGet(out var deployment, out refusal)
            || !Check(payload.CallersFrom is null ? payload.Callers : await FromAsync(payload, call, cancellationToken)).TryGet(out var callers, out refusal))
        {
            return refusal;
        }

        if (TrafficSummary.OfDial(document, deployment.DeploymentId) is not { } dial)
        {
            return new Refusal.Missing($"no traffic goes to deployment {deployment.DeploymentId} ({deployment.BundleId}) yet") { Next = "gtc op traffic set" };
        }

        var explanation = TrafficExplanation.Of(document, dial, deployment.DeploymentId, callers, call.Context.Time.GetUtcNow());
        return Answer.Of(explanation, OpJson.Default.TrafficExplanation, screen => Show(explanation, screen));
    }

    private static Outcome<ImmutableArray<string>> Check(Outcome<ImmutableArray<string>> given) => given.Then(callers =>
    {
        if (callers.IsEmpty || callers.Length > MaxCallers)
        {
            return new Refusal.InvalidArgument($"{callers.Length} callers were given, 1 to {MaxCallers:N0} are explained at once") { Next = "gtc op traffic explain --caller alice" };
        }

        return callers.FirstOrDefault(caller => caller.Length == 0 || Encoding.UTF8.GetByteCount(caller) > MaxCallerBytes) is { } wrong
            ? new Refusal.InvalidArgument($"a caller's key has {Encoding.UTF8.GetByteCount(wrong)} bytes, 1 to {MaxCallerBytes} were expected")
            : (Outcome<ImmutableArray<string>>)callers;
    });

    /// <summary>The callers that were named and those of the file; blank lines are left out.</summary>
    private static async Task<Outcome<ImmutableArray<string>>> FromAsync(ExplainTrafficPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var name = payload.CallersFrom!;
        try
        {
            await using var stream = name == AnswersFile.Stdin ? call.Context.OpenStdin() : File.OpenRead(call.Context.PathOf(name));
            var buffer = new byte[PayloadBounds.MaxBytes + 1];
            var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            if (length > PayloadBounds.MaxBytes)
            {
                return new Refusal.InvalidArgument($"`{name}` has more than {PayloadBounds.MaxBytes:N0} bytes of callers");
            }

            var lines = Encoding.UTF8.GetString(buffer, 0, length).TrimStart('\uFEFF').Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            return (ImmutableArray<string>)[.. payload.Callers, .. lines];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"the callers cannot be read from `{name}`: {error.Message.TrimEnd('.')}");
        }
    }

    private static void Show(TrafficExplanation explanation, Screen screen)
    {
        var shown = explanation.Callers.Take(MaxShown).ToList();
        screen.Say($"Callers of {explanation.BundleId} · generation {explanation.Generation}");
        screen.Table(
            new(
                [new("caller"), new("slot", 2), new("now"), new("before the last change"), new("after a rollback", 1)],
                [.. shown.Select(caller => (ImmutableArray<string>)
                [
                    caller.Caller,
                    caller.Slot.ToString(CultureInfo.InvariantCulture),
                    caller.Now ?? "nothing",
                    explanation.HasPrevious ? caller.Before ?? "nothing" : "not known",
                    explanation.RollbackRefused is null ? caller.AfterRollback ?? "nothing" : "refused",
                ])]),
            "No callers.");
        if (explanation.Callers.Count > 1)
        {
            screen.Say("");
            screen.Table(
                new(
                    [new("revision"), new("share"), new("callers"), new("came", 1), new("left", 1)],
                    [.. explanation.Shares.Select(share => (ImmutableArray<string>)[share.RevisionId, Figures.Percent(share.WeightBps), Number(share.Callers), Number(share.Came), Number(share.Left)])]),
                "Nothing is routed.");
        }

        screen.Facts(
            ("callers", $"{Number(explanation.Callers.Count)}{(explanation.Callers.Count > MaxShown ? $", the first {MaxShown} shown; --format json has all" : "")}"),
            ("moved by the last change", explanation.HasPrevious ? Number(explanation.Moved) : null),
            ("rollback", explanation.RollbackRefused ?? $"gtc op traffic rollback {explanation.EnvironmentId} --deployment {explanation.DeploymentId}"));
    }

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
