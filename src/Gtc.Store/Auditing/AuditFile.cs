using Gtc.Model;

namespace Gtc.Store;

/// <summary>Audit logs that are away from their store.</summary>
public static class AuditFile
{
    /// <summary>The most bytes of one file.</summary>
    public const long MaxBytes = 1L << 30;

    /// <summary>Checks the lines of one or more files as one chain, of whose ends nothing is known.</summary>
    /// <param name="paths">The files, the oldest lines first.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public static async Task<Outcome<AuditVerdict>> VerifyAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken) =>
        (await CheckAsync(paths, AuditEnds.Unknown, cancellationToken)).Then<AuditVerdict>(read => read.Verdict);

    /// <summary>Checks the lines of one or more files as one chain. A cut end can only be found by what is known of it.</summary>
    /// <param name="paths">The files, the oldest lines first.</param>
    /// <param name="ends">What is known about where they begin and end.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public static async Task<Outcome<AuditFileVerdict>> CheckAsync(IReadOnlyList<string> paths, AuditEnds ends, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(ends);
        var lines = new List<AuditLine>();
        foreach (var path in paths)
        {
            try
            {
                if (new FileInfo(path) is { Exists: true, Length: > MaxBytes } large)
                {
                    return new Refusal.FileFailed($"{path} has {large.Length:N0} bytes, the most is {MaxBytes:N0}");
                }

                lines.AddRange(AuditCheck.Split(await File.ReadAllBytesAsync(path, cancellationToken), path));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return new Refusal.FileFailed($"the audit log could not be read: {error.Message.TrimEnd('.')}");
            }
        }

        return new AuditFileVerdict(AuditCheck.Verify(lines, ends, cancellationToken), lines.Count == 0 ? null : AuditCheck.Hash(AuditChain.Parse(lines[^1].Content)));
    }
}
