using System.Security.Cryptography;
using Gtc.Model;

namespace Gtc.Store.Tests;

/// <summary>Changes that write files beside the document: a staged revision with its signature, and the rotation of the operator's key. Power is lost at every call in turn.</summary>
public sealed class A_crash_among_side_files_is_mended_by_trying_again : IDisposable
{
    private readonly List<TrustLab> _labs = [];

    public void Dispose() => _labs.ForEach(lab => lab.Dispose());

    [Fact]
    public async Task Power_lost_while_a_revision_is_staged_leaves_it_staged_and_signed_or_not_at_all()
    {
        var seen = new HashSet<int>();
        for (var step = 1; ; step++)
        {
            var (lab, calls) = await PreparedAsync();
            calls.Step = step;
            if (await SurvivesAsync(() => lab.StageAsync(lab.Bench.NewStore(calls))))
            {
                break;
            }

            var document = await ReopenAsync(lab, $"step {step}");
            seen.Add(document.Revisions.Length);
            foreach (var revision in document.Revisions)
            {
                lab.VerdictOf(revision, document).ShouldBeOfType<SignatureVerdict.Verified>($"step {step}");
            }

            (await lab.StageAsync()).IsOk.ShouldBeTrue($"step {step}: the next attempt is not in the way of the dead one");
            lab.VerdictOf(lab.Document.Revisions[^1]).ShouldBeOfType<SignatureVerdict.Verified>($"step {step}");
        }

        seen.ShouldBe([0, 1], ignoreOrder: true, customMessage: "some crashes came before the commit and some after");
    }

    [Fact]
    public async Task Power_lost_while_the_key_is_rotated_leaves_a_key_that_works_and_the_rotation_can_be_repeated()
    {
        var seen = new HashSet<bool>();
        for (var step = 1; ; step++)
        {
            var (lab, calls) = await PreparedAsync();
            (await lab.StageAsync()).IsOk.ShouldBeTrue();
            var old = lab.KeyId;
            calls.Step = step;
            var rotation = new OperatorKeyRotation(lab.Bench.NewStore(calls), new OperatorKeyFile(lab.Key.Path, RandomNumberGenerator.Fill, calls));
            if (await SurvivesAsync(() => rotation.RotateAsync([TrustLab.Prod], Workbench.Cancellation)))
            {
                break;
            }

            var document = await ReopenAsync(lab, $"step {step}");
            lab.VerdictOf(document.Revisions[0], document).ShouldBeOfType<SignatureVerdict.Verified>($"step {step}: what was signed stays signed");
            var present = lab.KeyId;
            seen.Add(present == old);
            lab.Root.Find(present).ShouldNotBeNull($"step {step}: the key in place is trusted");
            var again = await lab.Rotation.RotateAsync([TrustLab.Prod], Workbench.Cancellation);
            again.IsOk.ShouldBeTrue($"step {step}: {again.Refusal?.Message}");
            (await lab.StageAsync()).IsOk.ShouldBeTrue($"step {step}");
            lab.VerdictOf(lab.Document.Revisions[^1]).ShouldBeOfType<SignatureVerdict.Verified>($"step {step}");
        }

        seen.ShouldBe([true, false], ignoreOrder: true, customMessage: "some crashes came before the key took its place and some after");
    }

    private static async Task<bool> SurvivesAsync<T>(Func<Task<Outcome<T>>> change)
    {
        try
        {
            (await change()).IsOk.ShouldBeTrue();
            return true;
        }
        catch (PowerLossException)
        {
            return false;
        }
    }

    /// <summary>Another process opens what the crash left: the document follows the journal, the chain holds, history is complete.</summary>
    private static async Task<EnvironmentDocument> ReopenAsync(TrustLab lab, string when)
    {
        var store = lab.Bench.NewStore();
        var generation = (await store.CatchUpAsync(TrustLab.Prod, Workbench.Cancellation)).Value;
        var document = (await store.LoadAsync(TrustLab.Prod, Workbench.Cancellation)).Value;
        document.EnvGeneration.ShouldBe(generation, when);
        (await new AuditTrail(store).VerifyAsync(TrustLab.Prod, Workbench.Cancellation)).Value.Broken.ShouldBeNull(when);
        (await store.HistoryAsync(TrustLab.Prod, int.MaxValue, null, Workbench.Cancellation)).Value.Length.ShouldBe((int)generation, when);
        return document;
    }

    private async Task<(TrustLab Lab, FaultyCalls Calls)> PreparedAsync()
    {
        var lab = new TrustLab();
        _labs.Add(lab);
        return (await lab.PrepareAsync(), new FaultyCalls());
    }
}
