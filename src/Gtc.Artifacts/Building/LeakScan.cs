using System.Collections.Immutable;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;
using Gtc.Model;

namespace Gtc.Artifacts.Building;

/// <summary>
/// Finds secrets in plain text in the source of a bundle, or in a bundle that was unpacked, packs included: private keys, the tokens of
/// well-known services, files of variables, and values that are called secret and look random (<see cref="LeakAllowList"/> makes exceptions).
/// </summary>
public static class LeakScan
{
    private const int MaxFindings = 20;
    private const int MaxFiles = 50_000;
    private const int MaxDepth = 32;
    private const string DevSecretsName = ".dev.secrets.env";

    /// <summary>Looks through a folder; symbolic links and <c>.git</c> are passed over.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="cancellationToken">Stops between windows of 64 KiB.</param>
    /// <returns>What was found, at most 20, sorted by path; refused when the folder cannot be read or is too large to be looked through.</returns>
    public static async Task<Outcome<ImmutableArray<LeakFinding>>> RunAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            var allowed = LeakAllowList.Read(folder);
            var findings = new List<LeakFinding>();
            foreach (var path in Files(folder).Where(path => path != LeakAllowList.FileName && !allowed.Allows(path)))
            {
                await ScanFileAsync(folder, path, allowed, findings, cancellationToken);
                if (findings.Count >= MaxFindings)
                {
                    break;
                }
            }

            return findings.ToImmutableArray();
        }
        catch (MalformedDocumentException exception)
        {
            return new Refusal.InvalidArgument($"the folder cannot be searched for secrets: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"the folder cannot be searched for secrets: {exception.Message}");
        }
    }

    /// <summary>Looks through a folder and refuses what it finds.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="attempt">What is refused, e.g. <c>the bundle cannot be built</c>.</param>
    /// <param name="cancellationToken">Stops between windows of 64 KiB.</param>
    /// <returns>Null when nothing was found.</returns>
    public static async Task<Refusal?> RefuseAsync(string folder, string attempt, CancellationToken cancellationToken)
    {
        if (!(await RunAsync(folder, cancellationToken)).TryGet(out var findings, out var refusal))
        {
            return refusal;
        }

        return findings.IsEmpty ? null : new Refusal.InvalidArgument($"{attempt}: it holds secrets in plain text, and whoever gets the bundle gets them")
        {
            Details =
            [
                .. findings.Select(finding => new RefusalDetail(finding.Rule, $"{finding.Path}:{finding.Line}  {finding.Excerpt}")),
                new("if it is none", $"put `{LeakAllowList.InlineMarker}` in its line, or its path in {LeakAllowList.FileName}"),
            ],
            Next = "gtc op secrets put TENANT/_/PACK/NAME --from-file -",
        };
    }

    /// <summary>Looks through one content under a name.</summary>
    internal static async Task ScanAsync(Stream content, string path, List<LeakFinding> findings, CancellationToken cancellationToken)
    {
        if (Path.GetFileName(path) == DevSecretsName)
        {
            findings.Add(new(path, 1, "dev-secrets-file", "the developer's secret store"));
        }
        else if (LeakRules.IsDotenv(path) && content.Length > 0)
        {
            findings.Add(new(path, 1, "dotenv-file", "a file of variables"));
        }
        else
        {
            await new LeakReader(path, findings, MaxFindings).ReadAsync(content, cancellationToken);
        }
    }

    private static async Task ScanFileAsync(string folder, string path, LeakAllowList allowed, List<LeakFinding> findings, CancellationToken cancellationToken)
    {
        await using var content = File.OpenRead(Path.Combine(folder, path));
        if (!path.EndsWith(".gtpack", StringComparison.Ordinal) || TryOpenPack(content) is not { } pack)
        {
            content.Position = 0;
            await ScanAsync(content, path, findings, cancellationToken);
            return;
        }

        using (pack)
        {
            foreach (var member in pack.Members.Where(member => !allowed.Allows($"{path}/{member.Name}") && findings.Count < MaxFindings))
            {
                // A member that does not unpack is refused where the pack is opened to be used.
                if (pack.Read(member.Name, PackLimits.Standard.MaxMemberBytes).TryGet(out var bytes, out _))
                {
                    await ScanAsync(new MemoryStream(bytes, writable: false), $"{path}/{member.Name}", findings, cancellationToken);
                }
            }
        }
    }

    /// <summary>Null when it is no pack; then it is looked through as it is.</summary>
    private static PackArchive? TryOpenPack(Stream content)
    {
        try
        {
            return PackArchive.Open(content, PackLimits.Standard);
        }
        catch (MalformedDocumentException)
        {
            return null;
        }
    }

    private static List<string> Files(string folder)
    {
        var files = new List<string>();
        Walk(new DirectoryInfo(folder), "", 0, files);
        files.Sort(StringComparer.Ordinal);
        return files;
    }

    private static void Walk(DirectoryInfo folder, string prefix, int depth, List<string> files)
    {
        if (depth > MaxDepth)
        {
            throw new MalformedDocumentException($"{prefix} lies deeper than {MaxDepth} folders");
        }

        foreach (var entry in folder.EnumerateFileSystemInfos().Where(entry => entry.LinkTarget is null))
        {
            if (entry is DirectoryInfo child)
            {
                if (child.Name != ".git")
                {
                    Walk(child, $"{prefix}{child.Name}/", depth + 1, files);
                }
            }
            else
            {
                files.Add(prefix + entry.Name);
            }

            if (files.Count > MaxFiles)
            {
                throw new MalformedDocumentException($"there are more than {MaxFiles} files");
            }
        }
    }
}
