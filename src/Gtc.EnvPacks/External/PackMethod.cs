using System.Collections.Immutable;

namespace Gtc.EnvPacks;

/// <summary>A method of the protocol.</summary>
/// <param name="Name">Its name on the wire.</param>
/// <param name="Deadline">How long a call may take.</param>
/// <param name="ChangesPlatform">Whether it changes something outside.</param>
public sealed record PackMethod(string Name, TimeSpan Deadline, bool ChangesPlatform)
{
    /// <summary>Says which protocol and which kind; always the first call.</summary>
    public static PackMethod Hello { get; } = new("hello", TimeSpan.FromSeconds(10), false);

    /// <summary>Answers the question form.</summary>
    public static PackMethod Questions { get; } = new("questions", TimeSpan.FromSeconds(10), false);

    /// <summary>Looks at what it needs.</summary>
    public static PackMethod Requirements { get; } = new("requirements", TimeSpan.FromSeconds(60), false);

    /// <summary>Answers the objects that it would make.</summary>
    public static PackMethod Render { get; } = new("render", TimeSpan.FromSeconds(60), false);

    /// <summary>Makes the platform like the environment.</summary>
    public static PackMethod Reconcile { get; } = new("reconcile", TimeSpan.FromMinutes(10), true);

    /// <summary>Says what runs.</summary>
    public static PackMethod Observe { get; } = new("observe", TimeSpan.FromSeconds(60), false);

    /// <summary>Takes a revision out of service.</summary>
    public static PackMethod Drain { get; } = new("drain", TimeSpan.FromMinutes(10), true);

    /// <summary>Removes what no revision needs.</summary>
    public static PackMethod Prune { get; } = new("prune", TimeSpan.FromMinutes(10), true);

    /// <summary>All of them.</summary>
    public static ImmutableArray<PackMethod> All { get; } = [Hello, Questions, Requirements, Render, Reconcile, Observe, Drain, Prune];
}
