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
    public static Outcome<JsonElement?> Answers(string folder, EnvironmentDocument environment) =>
        IsBound(environment) && environment.Packs.First(candidate => candidate.Slot == CapabilitySlot.Deployer).AnswersRef is { } reference
            ? BoundAnswers.Resolve(folder, reference).Then<JsonElement?>(answers => answers)
            : (JsonElement?)null;

    /// <summary>The same wherever the environment is.</summary>
    public static async Task<Outcome<JsonElement?>> AnswersAsync(OpPlace at, EnvironmentDocument environment, CancellationToken cancellationToken) =>
        (await at.FilesAsync(environment, [], cancellationToken)).Then(files => Answers(files.Layout.Folder, environment));

    /// <summary>That workers which gtc starts and ends itself follow files: it would not know of those that another operator of a store server started elsewhere.</summary>
    public static Refusal.Conflict NeedsFiles(RemotePlace at) => new($"environment `{at.Environment}` gives each revision a worker on the machine that has its files, and {at.Shown} is a store server")
    {
        Details = [new("to serve it on this machine", $"gtc start --env {at.Environment} --store-url {at.Shown}"), new("to have no workers of its own", "the deployer's answer supervise=false")],
    };
}
