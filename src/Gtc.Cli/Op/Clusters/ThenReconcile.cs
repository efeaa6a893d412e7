using System.Buffers;
using System.Text.Json;
using Gtc.Cli.Op.LocalWorkers;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Clusters;

/// <summary>The flag <c>--reconcile</c> of verbs that change the store only (decision 29): the cluster follows at once.</summary>
internal static class ThenReconcile
{
    /// <summary>The member of the payload.</summary>
    public static PayloadField Field { get; } = new("reconcile", "bring the environment to its cluster, or to its workers on this machine, and wait until everything is healthy", "--reconcile");

    /// <summary>Converges after a change. The change stands when that fails, and the refusal says so.</summary>
    /// <param name="changed">What the change answered.</param>
    /// <param name="isWanted">Whether to converge.</param>
    /// <param name="environment">The environment as it was typed.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<Outcome<Answer>> RunAsync(Outcome<Answer> changed, bool isWanted, string? environment, VerbCall call, CancellationToken cancellationToken)
    {
        if (!isWanted || !changed.TryGet(out var answer, out _))
        {
            return changed;
        }

        if (!OpStore.OpenAfterwards(call, environment).TryGet(out var at, out var refusal))
        {
            return refusal with { Details = [.. refusal.Details, new("the store", "is changed; only the workers are not")] };
        }

        if (await LocalReconcile.TryAsync(at, null, call, cancellationToken) is { } local)
        {
            return local.TryGet(out var workers, out var why)
                ? Both(answer, workers)
                : why with { Details = [.. why.Details, new("the store", "is changed; only the workers are not")], Next = why.Next ?? "gtc op env reconcile" };
        }

        if (!(await Convergence.RunAsync(at, new ReconcilePayload(), call, cancellationToken)).TryGet(out var done, out refusal))
        {
            return refusal with { Details = [.. refusal.Details, new("the store", "is changed; only the cluster is not")], Next = refusal.Next ?? "gtc op env reconcile" };
        }

        return Both(answer, EnvironmentReconcile.Shown(done, isDryRun: false, call));
    }

    private static Answer Both(Answer answer, Answer converged) => new(writer => WriteBoth(writer, answer, converged), screen =>
    {
        answer.Show(screen);
        converged.Show(screen);
    });

    private static void WriteBoth(Utf8JsonWriter writer, Answer answer, Answer converged)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var inner = new Utf8JsonWriter(buffer))
        {
            answer.Write(inner);
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        writer.WriteStartObject();
        foreach (var member in document.RootElement.EnumerateObject())
        {
            member.WriteTo(writer);
        }

        writer.WritePropertyName("reconcile");
        converged.Write(writer);
        writer.WriteEndObject();
    }
}
