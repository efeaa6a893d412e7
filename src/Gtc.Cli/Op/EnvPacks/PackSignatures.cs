using System.Collections.Immutable;
using System.Security.Cryptography;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Cli.Op.EnvPacks;

/// <summary>
/// Signs and verifies the folder of an env-pack: <c>pack.sig</c> is a DSSE envelope around an in-toto statement that names every other file of
/// the folder with its SHA-256. A file more, a file less, a changed byte or a symbolic link is refused.
/// </summary>
internal static class PackSignatures
{
    /// <summary>The name of the envelope's file.</summary>
    public const string FileName = "pack.sig";

    private const string PredicateType = "https://greentic.ai/env-pack/v1";
    private const int MaxFiles = 1000;
    private const int MaxDepth = 8;
    private const long MaxTotal = 512L * 1024 * 1024;

    /// <summary>Signs a folder.</summary>
    /// <returns>How many files are signed.</returns>
    public static Outcome<int> Sign(string folder, PrivateKey key) => Files(folder).Then<int>(files =>
    {
        var statement = new InTotoStatement
        {
            PredicateType = PredicateType,
            Subjects = [.. files.Select(file => new StatementSubject(file, Digest(Path.Combine(folder, file))))],
        };
        File.WriteAllBytes(Path.Combine(folder, FileName), Dsse.Sign(statement.ToBytes(), key).ToPrettyBytes());
        return files.Count;
    });

    /// <summary>Verifies a folder.</summary>
    /// <returns>The ids of the keys that signed it, or <see cref="Refusal.TrustRootFailed"/>.</returns>
    public static Outcome<ImmutableArray<string>> Verify(string folder, ImmutableArray<TrustedKey> trusted)
    {
        var signature = new FileInfo(Path.Combine(folder, FileName));
        if (!signature.Exists || signature.Length > DsseEnvelope.MaxBytes || signature.LinkTarget is not null)
        {
            return Refused(signature.Exists ? $"{FileName} is too large, or a link" : "it is not signed", folder);
        }

        if (!DsseEnvelope.Parse(File.ReadAllBytes(signature.FullName)).TryGet(out var envelope, out var error) || !Dsse.Verify(envelope, trusted).TryGet(out var verified, out error))
        {
            return Refused(error.Message, folder);
        }

        if (verified.Statement.PredicateType != PredicateType)
        {
            return Refused($"its signature is about `{verified.Statement.PredicateType}`, not about an env-pack", folder);
        }

        return Files(folder).Then(files => FindDifference(folder, files, verified.Statement.Subjects) is { } difference
            ? Refused(difference, folder)
            : (Outcome<ImmutableArray<string>>)verified.KeyIds);
    }

    /// <summary>The files of a folder relative to it, sorted, without the signature.</summary>
    /// <returns>The names, or <see cref="Refusal.MalformedArtifact"/> when there are too many, too large or no plain files.</returns>
    public static Outcome<IReadOnlyList<string>> Files(string folder)
    {
        var found = new List<string>();
        var total = 0L;
        return Walk(new DirectoryInfo(folder), 0) is { } refusal ? refusal : found.Order(StringComparer.Ordinal).ToList();

        Refusal? Walk(DirectoryInfo at, int depth)
        {
            foreach (var entry in at.EnumerateFileSystemInfos())
            {
                var name = Path.GetRelativePath(folder, entry.FullName);
                if (entry.LinkTarget is not null || (entry is FileInfo file && (file.Attributes & FileAttributes.Device) != 0))
                {
                    return new Refusal.MalformedArtifact($"`{name}` of the env-pack is no plain file");
                }

                if (entry is DirectoryInfo inner)
                {
                    if (depth >= MaxDepth)
                    {
                        return new Refusal.MalformedArtifact($"the folders of the env-pack are nested deeper than {MaxDepth} levels");
                    }

                    if (Walk(inner, depth + 1) is { } refusal)
                    {
                        return refusal;
                    }
                }
                else if (name != FileName)
                {
                    found.Add(name);
                    total += ((FileInfo)entry).Length;
                }

                if (found.Count > MaxFiles || total > MaxTotal)
                {
                    return new Refusal.MalformedArtifact($"the env-pack has more than {MaxFiles} files, or more than {MaxTotal} bytes");
                }
            }

            return null;
        }
    }

    private static string? FindDifference(string folder, IReadOnlyList<string> files, ImmutableArray<StatementSubject> subjects)
    {
        var signed = subjects.Where(subject => subject.Sha256 is not null).GroupBy(subject => subject.Name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First().Sha256!, StringComparer.Ordinal);
        if (files.FirstOrDefault(file => !signed.ContainsKey(file)) is { } stranger)
        {
            return $"`{stranger}` is not signed";
        }

        if (signed.Keys.FirstOrDefault(name => !files.Contains(name)) is { } gone)
        {
            return $"`{gone}` is missing";
        }

        return files.FirstOrDefault(file => !signed[file].Equals(Digest(Path.Combine(folder, file)), StringComparison.OrdinalIgnoreCase)) is { } changed
            ? $"`{changed}` is not the file that was signed"
            : null;
    }

    private static string Digest(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static Refusal.TrustRootFailed Refused(string why, string folder) => new($"the env-pack in {folder} is not trusted: {why}")
    {
        Details = [new("expected", $"{FileName} by a key of the environment's trust root")],
        Next = $"gtc op env-packs sign {folder}",
    };
}
