using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>The question of every deployer: where components of its workers may send HTTP requests to.</summary>
public static class ComponentEgress
{
    private const string Id = "component_egress";

    /// <summary>The question.</summary>
    internal static Question Question { get; } = new()
    {
        Id = Id,
        Title = "Where components may send HTTP requests to",
        Description = "public, host[:port], *.host[:port], address[/prefix][:port], comma separated, or none; public when not answered.",
        AlsoList = true,
        Advanced = true,
    };

    /// <summary>What the answers say; null when they say nothing.</summary>
    public static string? In(PackAnswers answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        return answers.Get(Id);
    }

    /// <summary>What is wrong with the answer; null when it fits.</summary>
    internal static string? FindFault(PackAnswers answers) =>
        In(answers) is { } text && EgressList.Parse(text) is null ? $"`{Id}` is `{(text.Length <= 64 ? text : $"{text[..64]}…")}`, {EgressList.Expectation} was expected" : null;
}
