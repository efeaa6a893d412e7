using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Server;

/// <summary>Whose backups are believed.</summary>
internal static class BackupTrust
{
    /// <summary>The image of an artifact, when this server's own key signed it or the caller names the key that did. The checkpoint of its audit log is signed anew by this server, which goes on with that log.</summary>
    public static Outcome<EnvironmentImage> Adopt(BackupArtifact artifact, string? confirmed, OperatorKeyFile operatorKey) => operatorKey.LoadOrGenerate().Then(key =>
    {
        using (key)
        {
            return artifact.Signer.KeyId == key.KeyId || artifact.Signer.KeyId.Equals(confirmed, StringComparison.OrdinalIgnoreCase)
                ? Adopt(artifact.Image, artifact.Signer, key.Key)
                : (Outcome<EnvironmentImage>)new Refusal.InvalidArgument($"the artifact is signed by key {artifact.Signer.KeyId}, which is not this server's: confirm_signer must name it");
        }
    });

    /// <summary>The same image with a checkpoint that is signed by the key of whoever goes on with it.</summary>
    public static Outcome<EnvironmentImage> Adopt(EnvironmentImage image, TrustedKey signer, PrivateKey key)
    {
        var name = SideName.Of(AuditCheckpoint.Name);
        if (!image.Sides.TryGetValue(name, out var bytes))
        {
            return image;
        }

        var trusted = image.Sides.TryGetValue(SideName.TrustRoot, out var root) && TrustRoot.Parse(root.Span).TryGet(out var parsed, out _) ? parsed.Keys : [];
        return AuditCheckpoint.Verify(bytes.Span, image.Document.EnvironmentId, [.. trusted, signer]).TryGet(out var checkpoint, out var refusal)
            ? image with { Sides = image.Sides.SetItem(name, checkpoint.Sign(key)) }
            : new Refusal.InvalidArgument(refusal.Message);
    }
}
