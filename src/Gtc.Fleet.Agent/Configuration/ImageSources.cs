using System.Collections.Immutable;
using Gtc.Podman;

namespace Gtc.Fleet.Agent.Configuration;

/// <summary>Where an image can come from: mirrors first, then its own registry.</summary>
internal static class ImageSources
{
    /// <summary>What to pull, in order. The first that is in the store, or can be pulled, is used under its own name.</summary>
    public static ImmutableArray<ImagePull> Of(string image, ImmutableArray<RegistryRule> rules)
    {
        var slash = image.IndexOf('/', StringComparison.Ordinal);
        var host = slash < 0 ? "" : image[..slash];
        var own = rules.FirstOrDefault(rule => rule.Host == host);
        return [.. (own?.Mirrors ?? []).Select(mirror => Pull(mirror, image[slash..], rules)), Pull(host, slash < 0 ? image : image[slash..], rules)];
    }

    private static ImagePull Pull(string host, string rest, ImmutableArray<RegistryRule> rules)
    {
        // A mirror may have a path: its rule is that of its host.
        var name = host.Split('/')[0];
        var rule = rules.FirstOrDefault(candidate => candidate.Host == name);
        return new ImagePull(host + rest) { Login = rule?.Login, IsInsecure = rule?.IsInsecure ?? false };
    }
}
