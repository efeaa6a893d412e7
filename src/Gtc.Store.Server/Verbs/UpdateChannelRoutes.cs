using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>Where updates come from, beside the document, where it is read as a file. Members that nobody knows here are kept: a newer gtc may have written them.</summary>
internal static class UpdateChannelRoutes
{
    /// <summary>The routes.</summary>
    public static IReadOnlyList<ChangeRoute> All { get; } =
    [
        ChangeRoute.With("PUT", "/environments/{env_id}/update-channel", "updates", "configure", "Says where updates come from", ContractJson.Default.UpdateChannelConfig, Configure),
    ];

    private static Outcome<Planned> Configure(Asked asked, UpdateChannelConfig body) => Check(asked, body) is { } refusal
        ? refusal
        : new Planned(Wire.Target(asked.Environment), context => new Change(Wire.Answer(body, ContractJson.Default.UpdateChannelConfig)) { Sides = TypedSides.Of(OpenSides.UpdateChannel, Documents.UpdateChannel.ToFile(body)) });

    private static Refusal? Check(Asked asked, UpdateChannelConfig body) => body.Schema != Schemas.UpdateChannel
        ? new Refusal.InvalidArgument($"schema must be {Schemas.UpdateChannel}")
        : body.EnvironmentId != asked.Environment ? new Refusal.InvalidArgument($"environment_id in the body is `{body.EnvironmentId}`, in the path it is `{asked.Environment}`")
        : body.PollIntervalSecs is { } seconds ? body.WithPollInterval(seconds).Refusal
        : null;
}
