using System.Globalization;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>A planned step behind its preconditions, which are checked where nothing can change any more: under the environment's lock.</summary>
internal sealed class GuardedStep(ChangeRoute route, EnvId environment, Planned planned, string? ifMatch)
{
    /// <summary>Whether the storage ran it; it does not when the key stands already.</summary>
    public bool WasRun { get; private set; }

    /// <summary>Why it was refused before the step proper, or null.</summary>
    public Problem? Problem { get; private set; }

    /// <summary>How the environment differed from what the caller saw, or null.</summary>
    public EtagMismatch? Mismatch { get; private set; }

    /// <summary>The document after it, before it is of its generation; null when it was not run or was refused.</summary>
    public EnvironmentDocument? After { get; private set; }

    /// <summary>Runs it.</summary>
    public Outcome<Change> Run(ChangeContext context)
    {
        WasRun = true;
        (Problem, Mismatch, After) = (null, null, null);
        if (context.Current is null && !route.MakesEnvironment)
        {
            Problem = Problem.NoEnvironment(environment);
            return new Refusal.Missing($"environment `{environment}` does not exist");
        }

        if (ifMatch is null && route.Precondition == Precondition.OfSide && planned.Side is { } beside && context.Side(beside(context)).Match(side => side is not null, _ => true))
        {
            Problem = Problem.Of(ProblemKind.PreconditionRequired, "If-Match must carry the entity tag of what is written over");
            return new Refusal.Conflict("what is written over was not seen");
        }

        if (ifMatch is not null && route.Precondition != Precondition.Ignored && Actual(context) is var actual && actual != ifMatch)
        {
            Mismatch = new EtagMismatch(ifMatch, actual, context.Generation);
            return new Refusal.Conflict("the environment is not as the caller saw it");
        }

        var outcome = planned.Step(context);
        if (outcome.TryGet(out var change, out var refusal))
        {
            After = change.Document ?? context.Current;
            return outcome;
        }

        if (planned.IsTold)
        {
            Problem = Problem.OfTold(refusal);
        }

        if (refusal is StaleEtag stale)
        {
            Mismatch = new EtagMismatch(stale.ExpectedEtag, stale.ActualEtag, stale.ActualGeneration) { ExpectedGeneration = stale.ExpectedGeneration };
            return new Refusal.Conflict(stale.Message);
        }

        return outcome;
    }

    private string Actual(ChangeContext context) => route.Precondition == Precondition.OfTrustRoot ? ReadRoutes.EtagOf(context.TrustRoot)
        : planned.Side is { } beside ? context.Side(beside(context)).Match(side => side?.Etag ?? SideDocument.EtagOf([]), _ => string.Empty)
        : context.Current is { } document ? StoredEnvironment.EtagOf(document) : string.Empty;
}

/// <summary>How the environment differed from what the caller saw.</summary>
/// <param name="Expected">The entity tag that the caller saw; null when it named a generation.</param>
/// <param name="Actual">The present one; empty when there is no environment.</param>
/// <param name="Generation">The present generation.</param>
internal sealed record EtagMismatch(string? Expected, string Actual, ulong Generation)
{
    /// <summary>The generation that the caller named, or null.</summary>
    public ulong? ExpectedGeneration { get; init; }

    /// <summary>How far back the caller's generation is looked for.</summary>
    private const int LooksBack = 50;

    /// <summary>The problem, with what was changed since.</summary>
    public async Task<Problem> ToProblemAsync(IEnvironmentStorage storage, EnvId environment, CancellationToken cancellationToken)
    {
        var members = new JsonObject { ["actual_etag"] = Actual, ["actual_generation"] = Generation };
        if (Expected is not null)
        {
            members["expected_etag"] = Expected;
        }

        if (ExpectedGeneration is { } named)
        {
            members["expected_generation"] = named;
        }

        if ((await storage.HistoryAsync(environment, LooksBack, null, cancellationToken)).TryGet(out var history, out _))
        {
            var changes = new JsonArray();
            foreach (var entry in history)
            {
                if ((await storage.ReadAsync(environment, entry.Generation, cancellationToken)).TryGet(out var stored, out _) && (stored.Etag == Expected || entry.Generation == ExpectedGeneration))
                {
                    members["expected_generation"] = entry.Generation;
                    members["changes"] = changes;
                    break;
                }

                changes.Insert(0, new JsonObject
                {
                    ["generation"] = entry.Generation,
                    ["at"] = Rfc3339Json.Format(entry.At),
                    ["by"] = entry.Actor.User ?? entry.Actor.Kind,
                    ["verb"] = string.Create(CultureInfo.InvariantCulture, $"{entry.Noun}.{entry.Verb}"),
                    ["target"] = JsonNode.Parse(entry.Target.GetRawText()),
                });
            }
        }

        return new Problem(ProblemKind.PreconditionFailed.Name, ProblemKind.PreconditionFailed.Status, members);
    }
}
