using System.Text.Json;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Deployers.LocalProcess;

/// <summary>What the answers of the binding say.</summary>
/// <param name="Supervises">Whether each revision gets a process of its own.</param>
/// <param name="Ports">Where workers may listen.</param>
/// <param name="WarmTimeout">How long a warm waits for health.</param>
/// <param name="ComponentEgress">Where components may send HTTP requests to; null for what a worker takes from this process.</param>
public sealed record LocalProcessSettings(bool Supervises, PortRange Ports, TimeSpan WarmTimeout, string? ComponentEgress = null)
{
    private static readonly LocalProcessPack Pack = new();

    /// <summary>Reads answers; null means the defaults.</summary>
    /// <returns>The settings; <see cref="DeployerRefusal.Provider"/> that names what is not understood.</returns>
    public static Outcome<LocalProcessSettings> Read(JsonElement? answers)
    {
        var read = answers is { } given ? AnswersReader.Read(Pack, given) : PackAnswers.Defaults(Pack.Questions);
        return read.TryGet(out var known, out var refusal)
            ? new LocalProcessSettings(LocalProcessPack.Supervises(known), LocalProcessPack.Ports(known), LocalProcessPack.WarmTimeout(known), EnvPacks.ComponentEgress.In(known))
            : new DeployerRefusal.Provider(refusal.Message) { Details = refusal.Details, Next = refusal.Next };
    }
}
