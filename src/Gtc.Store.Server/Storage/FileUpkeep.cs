using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>Notes as files: <c>.server/upkeep/WORK.json</c>. A folder has one server, so nobody else has its work.</summary>
internal sealed class FileUpkeep(string root, RandomSource random) : IUpkeepStorage
{
    private readonly string _folder = Path.Combine(root, ".server", "upkeep");

    /// <inheritdoc/>
    public Task<Outcome<IAsyncDisposable?>> TryTakeAsync(string work, CancellationToken cancellationToken) => Task.FromResult<Outcome<IAsyncDisposable?>>(new Alone());

    /// <inheritdoc/>
    public async Task<Outcome<byte[]?>> ReadNoteAsync(string work, CancellationToken cancellationToken)
    {
        try
        {
            return File.Exists(PathOf(work)) ? await File.ReadAllBytesAsync(PathOf(work), cancellationToken) : (byte[]?)null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.StoreFailed($"what was noted of {work} cannot be read: {error.Message}");
        }
    }

    /// <inheritdoc/>
    public Task<Refusal?> WriteNoteAsync(string work, byte[] note, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(_folder);
            return Task.FromResult(new AtomicFile(random).Write(PathOf(work), note, AtomicFile.Private));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Task.FromResult<Refusal?>(new Refusal.StoreFailed($"{work} cannot be noted: {error.Message}"));
        }
    }

    private string PathOf(string work) => Path.Combine(_folder, work + ".json");

    private sealed class Alone : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
