using Gtc.Model;

namespace Gtc.Store;

/// <summary>Where backups are written and read: encrypted or not, by what a file begins with.</summary>
public static class ArchiveStreams
{
    /// <summary>Writes a backup, encrypted where there is a key.</summary>
    /// <param name="output">Where it goes; it stays open.</param>
    /// <param name="key">What it is encrypted with, or null.</param>
    /// <param name="random">Makes salts.</param>
    /// <param name="write">Writes the backup; a refusal leaves it without its end, so that it is none.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public static async Task<Outcome<T>> WriteAsync<T>(Stream output, ArchiveKey? key, RandomSource random, Func<Stream, Task<Outcome<T>>> write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        if (key is null)
        {
            return await write(output);
        }

        await using var sealing = await SealingStream.BeginAsync(output, key, random, cancellationToken);
        var written = await write(sealing);
        if (written.IsOk)
        {
            await sealing.FinishAsync(cancellationToken);
        }

        return written;
    }

    /// <summary>Opens a backup at its start, and decrypts it where it is encrypted.</summary>
    /// <param name="input">The file; it is disposed with what is returned.</param>
    /// <param name="key">What it is encrypted with; null when no key was given.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The backup; or why it cannot be decrypted.</returns>
    public static async Task<Outcome<Stream>> OpenAsync(Stream input, ArchiveKey? key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(input);
        var start = new byte[SealHead.Magic.Length];
        var length = await input.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        if (length == start.Length && start.AsSpan().SequenceEqual(SealHead.Magic))
        {
            if (key is null)
            {
                await input.DisposeAsync();
                return new Refusal.InvalidArgument("the backup is encrypted, and no key is given") { Next = "gtc store restore FILE --key-file backup.key" };
            }

            return await UnsealingStream.BeginAsync(input, key, cancellationToken);
        }

        if (key is not null)
        {
            await input.DisposeAsync();
            return new Refusal.InvalidArgument("a key is given, and the backup is not encrypted: it is damaged, or another one");
        }

        input.Position = 0;
        return input;
    }
}
