using System.Text.Json;
using Gtc.Deployers.LocalProcess;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op;

/// <summary>From what is bound in an environment's deployer slot to what does the work.</summary>
internal static class Deployers
{
    /// <summary>The deployer that is bound, and its answers.</summary>
    /// <param name="store">The store.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="processes">The processes of this machine.</param>
    /// <param name="context">The world outside.</param>
    /// <returns>The deployer; <see cref="Refusal.Conflict"/> when none is bound, or none that gtc runs itself.</returns>
    public static Outcome<BoundCall> For(FileEnvironmentStore store, EnvironmentDocument environment, IWorkerProcesses processes, CliContext context)
    {
        var binding = environment.Packs.FirstOrDefault(candidate => candidate.Slot == CapabilitySlot.Deployer);
        return binding?.Kind.Path switch
        {
            LocalProcessPack.Path => Answers(store, environment).Then<BoundCall>(answers => new BoundCall(Local(store, processes, context), answers)),
            null => new Refusal.Conflict($"environment `{environment.EnvironmentId}` has no deployer") { Next = $"gtc op env-packs add slot=deployer kind={EnvironmentVerbs.LocalProcessDeployer} pack_ref=builtin" },
            var other => new Refusal.Conflict($"deployer {other} of environment `{environment.EnvironmentId}` has no processes on this machine"),
        };
    }

    /// <summary>The deployer of this machine.</summary>
    public static LocalProcessDeployer Local(FileEnvironmentStore store, IWorkerProcesses processes, CliContext context) =>
        new(new LocalProcessOptions { Store = store, Processes = processes, Program = context.Program, Time = context.Time });

    /// <summary>The answers of the deployer's binding as they lie in the environment's folder; null when it has none.</summary>
    public static Outcome<JsonElement?> Answers(FileEnvironmentStore store, EnvironmentDocument environment) =>
        environment.Packs.FirstOrDefault(candidate => candidate.Slot == CapabilitySlot.Deployer)?.AnswersRef is { } reference
            ? BoundAnswers.Resolve(store.Layout.Environment(environment.EnvironmentId).Folder, reference).Then<JsonElement?>(answers => answers)
            : (JsonElement?)null;
}

/// <summary>A deployer, and the answers to give it with each call.</summary>
/// <param name="Deployer">The deployer.</param>
/// <param name="Answers">The answers of its binding, or null.</param>
internal sealed record BoundCall(IDeployer Deployer, JsonElement? Answers);
