using System.Text.Json;
using Gtc.Deployers.LocalProcess;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.LocalWorkers;

/// <summary>The deployer of this machine, and what its binding was answered.</summary>
internal static class LocalDeployer
{
    /// <summary>The deployer.</summary>
    public static LocalProcessDeployer Open(FileEnvironmentStore store, IWorkerProcesses processes, CliContext context) =>
        new(new LocalProcessOptions { Store = store, Processes = processes, Program = context.Program, Time = context.Time });

    /// <summary>Whether it is the one that is bound.</summary>
    public static bool IsBound(EnvironmentDocument environment) =>
        environment.Packs.FirstOrDefault(candidate => candidate.Slot == CapabilitySlot.Deployer)?.Kind.Path == LocalProcessPack.Path;

    /// <summary>The answers of its binding as they lie in the environment's folder; null when it has none, or is not bound.</summary>
    public static Outcome<JsonElement?> Answers(FileEnvironmentStore store, EnvironmentDocument environment) =>
        IsBound(environment) && environment.Packs.First(candidate => candidate.Slot == CapabilitySlot.Deployer).AnswersRef is { } reference
            ? BoundAnswers.Resolve(store.Layout.Environment(environment.EnvironmentId).Folder, reference).Then<JsonElement?>(answers => answers)
            : (JsonElement?)null;
}
