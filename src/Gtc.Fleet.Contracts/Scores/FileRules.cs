using System.Text;

namespace Gtc.Fleet.Contracts;

/// <summary>The rules for a score's files, and for the volumes that mount them.</summary>
internal static class FileRules
{
    public static IEnumerable<ContractError> FindProblems(PodmanV0 podman)
    {
        var total = 0L;
        var paths = new HashSet<string>(StringComparer.Ordinal);
        for (var at = 0; at < podman.Files.Length; at++)
        {
            var path = $"PodmanV0.files[{at}]";
            if (podman.Files[at] is not { Path: not null, Content: not null } file)
            {
                yield return ScoreRules.Invalid(path, "a file with path and content was expected");
                continue;
            }

            total += Encoding.UTF8.GetByteCount(file.Content);
            if (!VolumeMount.IsRelative(file.Path))
            {
                yield return ScoreRules.Invalid($"{path}.path", $"`{BoundedText.Cut(file.Path, 80)}` is no path below the deployment's folder: relative, of A-Z a-z 0-9 . _ - and /, was expected");
            }
            else if (!paths.Add(file.Path))
            {
                yield return ScoreRules.Invalid($"{path}.path", $"`{file.Path}` is the path of two files");
            }

            if (file.Mode is { } mode && !IsMode(mode))
            {
                yield return ScoreRules.Invalid($"{path}.mode", $"`{BoundedText.Cut(mode, 20)}` is no mode: four octal digits beginning with 0 were expected, e.g. 0600");
            }
        }

        if (total > FleetBounds.MaxFileBytes)
        {
            yield return ScoreRules.Invalid("PodmanV0.files", $"the contents have {total} bytes together, at most {FleetBounds.MaxFileBytes} were expected");
        }

        foreach (var problem in FindClashes(paths).Concat(FindMountProblems(podman, paths)))
        {
            yield return problem;
        }
    }

    private static IEnumerable<ContractError> FindClashes(HashSet<string> paths) =>
        from path in paths
        where IsFolder(path, paths)
        select ScoreRules.Invalid("PodmanV0.files", $"`{path}` is a file and a folder of another file");

    private static IEnumerable<ContractError> FindMountProblems(PodmanV0 podman, HashSet<string> paths) =>
        from service in podman.Services.Select((service, at) => (Volumes: service?.Volumes ?? [], At: at))
        from volume in service.Volumes.Select((text, at) => (Mount: VolumeMount.Parse(text ?? ""), At: at))
        where volume.Mount is { Kind: VolumeSource.ScoreFile } mount && mount.Source.Length > 0 && !paths.Contains(mount.Source) && !IsFolder(mount.Source, paths)
        select ScoreRules.Invalid($"PodmanV0.services[{service.At}].volumes[{volume.At}]", $"`./{volume.Mount!.Source}` is none of the score's files");

    private static bool IsFolder(string path, HashSet<string> paths) => paths.Any(other => other.StartsWith(path + "/", StringComparison.Ordinal));

    private static bool IsMode(string mode) => mode.Length == 4 && mode[0] == '0' && mode.All(digit => digit is >= '0' and <= '7');
}
