namespace Gtc.Conformance;

/// <summary>Why checks do not apply.</summary>
internal static class Excuses
{
    public static string? Never(CheckRun run) => null;

    public static string? WithoutObjects(CheckRun run) => run.Capabilities.ProvidesObjects ? null : "the deployer provides no objects";

    public static string? WithoutHealthGate(CheckRun run) => run.Capabilities.ProvidesHealthGate ? null : "the deployer provides no health gate";

    public static string? WithoutTraffic(CheckRun run) => run.Capabilities.ProvidesTraffic ? null : "the deployer provides no traffic";

    public static string? WithoutProvider(CheckRun run) =>
        run.Subject.Provider is null && run.Capabilities == DeployerCapabilities.None ? "the deployer has no provider" : null;

    public static string? WithoutCredentials(CheckRun run) => run.Subject.Credentials is null ? "the subject supplies no credentials" : null;
}
