using System.Collections.Immutable;
using Gtc.Cli.Op.EnvPacks;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Apply;

/// <summary>
/// One apply (op-cli.md §7): shape, resolve, diff, plan; stop there for a plan, a check or a dry run; then what is missing, the question, the
/// steps, and a second look.
/// </summary>
internal sealed class ApplyRun(ApplyOptions options, VerbCall call)
{
    /// <summary>Runs it.</summary>
    public async Task<Outcome<ApplyEnd>> RunAsync(CancellationToken cancellationToken)
    {
        PlanDocument? first = null;
        if (options.PlanFile is not null && !(await PlanFiles.ReadAsync(options.PlanFile, call, cancellationToken)).TryGet(out first, out var refusal))
        {
            return refusal;
        }

        if (!(await SourceAsync(first, cancellationToken)).TryGet(out var source, out refusal)
            || !OpStore.OpenAsItIs(call, source.Manifest.Environment.Id).TryGet(out var at, out refusal))
        {
            return refusal;
        }

        var planned = await PlanAsync(source, at, first, cancellationToken);
        if (options.Mode == ApplyMode.Apply)
        {
            return await ApplyAsync(planned, at, cancellationToken);
        }

        return planned.Then(made => options.Mode == ApplyMode.Plan ? PlanFiles.Show(made, options.Out, call) : Report(made));
    }

    /// <summary>Reads the manifest; one that is given beside a plan must be the plan's.</summary>
    private async Task<Outcome<ManifestFile>> SourceAsync(PlanDocument? first, CancellationToken cancellationToken)
    {
        if (options.Source is { } made)
        {
            return made;
        }

        if (first is null || options.Manifest is not null)
        {
            var read = await ManifestFile.ReadAsync(options.Manifest, call, cancellationToken);
            return first is null ? read : read.Then(source => Manifests.Digest(source.Manifest) == first.ManifestDigest
                ? source
                : (Outcome<ManifestFile>)new Refusal.Conflict("the manifest is not the one that was planned")
                {
                    Details = [new("expected", first.ManifestDigest.ToString()), new("found", Manifests.Digest(source.Manifest).ToString())],
                });
        }

        return new ManifestFile(first.Manifest, first.ManifestFolder ?? call.Context.WorkingDirectory);
    }

    private async Task<Outcome<Planned>> PlanAsync(ManifestFile source, OpPlace at, PlanDocument? first, CancellationToken cancellationToken)
    {
        var loaded = await at.LoadAsync(cancellationToken);
        if (loaded.Refusal is { } unreadable and not Refusal.Missing)
        {
            return unreadable;
        }

        var current = loaded.IsOk ? loaded.Value : null;
        if (first is not null && first.BaseGeneration != (current?.EnvGeneration ?? 0))
        {
            return new Refusal.StaleWrite((long)first.BaseGeneration, (long)(current?.EnvGeneration ?? 0)) { Next = "gtc op plan --answers MANIFEST --out PLAN" };
        }

        var artifacts = new ArtifactFacts(source, current, call);
        if (!(await artifacts.ResolveAsync(cancellationToken)).TryGet(out var resolved, out var refusal)
            || !(await WorldFacts.ReadAsync(source, current, at, resolved, call, cancellationToken)).TryGet(out var world, out refusal))
        {
            return refusal;
        }

        world = world with { Facts = world.Facts with { UpdatedBy = options.UpdatedBy, Prune = first?.Prune ?? options.Prune } };
        var planned = Planned.Make(source, current, world, first?.Minted ?? [], call);
        if (planned.IsOk && options.VerifiesSources && await artifacts.VerifySourcesAsync(resolved, cancellationToken) is { } unverified)
        {
            return unverified;
        }

        return first is null ? planned : planned.Then(made => made.ToDocument().Then(again =>
            PlanDocuments.Difference(first, again) is { } difference ? difference : (Outcome<Planned>)made));
    }

    private async Task<Outcome<ApplyEnd>> ApplyAsync(Outcome<Planned> planned, OpPlace at, CancellationToken cancellationToken)
    {
        var pasted = new PastedSecrets();
        try
        {
            var ready = await ReadyAsync(planned, pasted, at, cancellationToken);
            if (ready.TryGet(out var made, out var refusal))
            {
                return await ExecuteAsync(made, pasted, at, cancellationToken);
            }

            // Nothing was begun, so the attempt as a whole is what the audit log is told.
            return await at.RefuseAsync(OpStore.Intent(at.Environment, "env", "apply", ("environment_id", at.Environment.ToString())), refusal, cancellationToken);
        }
        finally
        {
            pasted.Dispose();
        }
    }

    /// <summary>Everything that can stop an apply before its first step.</summary>
    private async Task<Outcome<Planned>> ReadyAsync(Outcome<Planned> planned, PastedSecrets pasted, OpPlace at, CancellationToken cancellationToken)
    {
        if (!planned.TryGet(out var made, out var refusal))
        {
            return refusal;
        }

        if (!options.IsNonInteractive && await pasted.AskAsync(made.Plan.Missing, call.Context, cancellationToken) is { } unread)
        {
            return unread;
        }

        if (pasted.Paths.Any() && !made.WithPasted(pasted.Paths, call).TryGet(out made, out refusal))
        {
            return refusal;
        }

        return made.Plan.RefuseMissing()
            ?? await CheckBindingsAsync(made, at, cancellationToken)
            ?? await ConfirmAsync(made, cancellationToken)
            ?? new ArtifactFacts(made.Source, made.Current, call).Recheck(made.World.Facts.Artifacts, cancellationToken)
            ?? (Outcome<Planned>)made;
    }

    /// <summary>A typing error in the answers of an env-pack shows now, not at the first deployment.</summary>
    private async Task<Refusal?> CheckBindingsAsync(Planned made, OpPlace at, CancellationToken cancellationToken)
    {
        var binds = made.Plan.Steps.Where(step => step is ApplyStep.BindPack or ApplyStep.BindExtension).ToList();
        if (binds.Count == 0)
        {
            return null;
        }

        if (!(await OpPacks.CatalogAsync(at, call, cancellationToken)).TryGet(out var catalog, out var unreadable))
        {
            return unreadable;
        }

        foreach (var step in binds)
        {
            var refusal = step switch
            {
                ApplyStep.BindPack bind => await OpPacks.CheckAsync(catalog, bind.Binding.Slot, bind.Binding.Kind, made.Answers(bind.Answers), allowUnknown: false, call.Warn, cancellationToken),
                ApplyStep.BindExtension bind => await OpPacks.CheckAsync(catalog, CapabilitySlot.Extension, bind.Binding.Kind, made.Answers(bind.Answers), allowUnknown: false, call.Warn, cancellationToken),
                _ => null,
            };
            if (refusal is not null)
            {
                return refusal;
            }
        }

        return null;
    }

    private async Task<Refusal?> ConfirmAsync(Planned made, CancellationToken cancellationToken)
    {
        if (options.IsConfirmed || made.Plan.Changed + made.Plan.Undiffable == 0)
        {
            return null;
        }

        var removed = made.Plan.Steps.Where(step => step.Action == StepAction.Delete).ToList();
        if (options.IsNonInteractive || call.Context.AskLine is null)
        {
            // Nobody can be asked. Upserts go on; what is lost needs a yes that was typed.
            return removed.Count == 0 ? null : new Refusal.Conflict($"{removed.Count} thing(s) would be removed, and nobody is there to be asked: --yes says that it is meant")
            {
                Details = [.. removed.Select(step => new RefusalDetail(step.Key, step.Detail))],
            };
        }

        PlanPage.Preview(made, call.Context.Stderr);
        return await Confirmation.AskAsync($"Change environment {made.Plan.EnvironmentId}? [y/N] ", call.Context, cancellationToken)
            ? null
            : new Refusal.Conflict("not confirmed; nothing was written");
    }

    private async Task<Outcome<ApplyEnd>> ExecuteAsync(Planned made, PastedSecrets pasted, OpPlace at, CancellationToken cancellationToken)
    {
        if (!StepExecutor.Open(made, pasted, at, call).TryGet(out var executor, out var refusal))
        {
            return refusal;
        }

        foreach (var step in made.Plan.Steps.Where(step => step.Action != StepAction.NoOp))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (call.Format == OutputFormat.Table)
            {
                await call.Context.Stderr.WriteLineAsync($"  {step.Kind}  {step.Key}  {step.Detail}");
            }

            if (!(await executor.RunAsync(step, cancellationToken)).TryGet(out _, out refusal))
            {
                return refusal;
            }
        }

        return (await VerifyAsync(made, at, cancellationToken)).Then(verified => Applied(made, verified));
    }

    private Outcome<ApplyEnd> Applied(Planned made, (VerifyReport Report, ulong Generation) verified)
    {
        if (verified.Report.Failures.Count > 0)
        {
            return new Refusal.Conflict($"{verified.Report.Failures.Count} step(s) did not last: the environment is not as the manifest says")
            {
                Details = [.. verified.Report.Failures.Select(failure => new RefusalDetail("step", failure))],
            };
        }

        var report = ApplyReport.Of(made, "apply", call.Warnings ?? []) with { Verify = verified.Report, Generation = verified.Generation };
        return new ApplyEnd(Answer.Of(report, ApplyJson.Default.ApplyReport, screen => PlanPage.Applied(report, screen))) { HasDrift = report.Changed > 0 };
    }

    /// <summary>Plans once more: what still has to be done did not last.</summary>
    private async Task<Outcome<(VerifyReport Report, ulong Generation)>> VerifyAsync(Planned made, OpPlace at, CancellationToken cancellationToken)
    {
        var facts = made.World.Facts;
        if (!(await at.LoadAsync(cancellationToken)).TryGet(out var document, out var refusal)
            || !(await WorldFacts.ReadAsync(made.Source, document, at, facts.Artifacts, call, cancellationToken)).TryGet(out var world, out refusal))
        {
            return refusal;
        }

        world = world with { Facts = world.Facts with { UpdatedBy = facts.UpdatedBy, Prune = facts.Prune } };
        return Planned.Make(made.Source, document, world, [], call).Then(again =>
        {
            ImmutableArray<string> failures = [.. again.Plan.Steps.Where(step => step.IsDrift).Select(step => $"{step.Kind} {step.Key}: {step.Detail}")];
            return (Outcome<(VerifyReport, ulong)>)(new VerifyReport(again.Plan.Steps.Length, failures), document.EnvGeneration ?? 0);
        });
    }

    private ApplyEnd Report(Planned made)
    {
        var isCheck = options.Mode == ApplyMode.Check;
        var hasDrift = made.Plan.Changed > 0 || !made.Plan.Missing.IsEmpty;
        var report = ApplyReport.Of(made, isCheck ? "check" : "dry-run", call.Warnings ?? []);
        return new ApplyEnd(Answer.Of(report, ApplyJson.Default.ApplyReport, screen => PlanPage.Reported(report, screen)))
        {
            HasDrift = hasDrift,
            Finding = isCheck && hasDrift
                ? new Refusal.Conflict($"environment `{report.EnvironmentId}` is not as the manifest says: {report.Changed} step(s) to do, {report.Missing.Count} input(s) missing")
                : null,
        };
    }
}
