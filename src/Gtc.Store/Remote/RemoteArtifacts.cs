using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// Carries artifacts to and from a store server by their digests. A transfer that was cut goes on where it was, also in another process; both
/// ends check the digest. Safe for concurrent use.
/// </summary>
public sealed class RemoteArtifacts : IDisposable
{
    private const string OffsetField = "Upload-Offset";
    private const int BlockBytes = 256 << 10;
    private const int MaxProblemBytes = 64 << 10;

    private readonly HttpClient _http;
    private readonly Transfers _transfers;

    /// <summary>Takes the server; nothing is asked of it yet.</summary>
    /// <param name="target">The server.</param>
    /// <param name="transport">Carries the requests, as for <see cref="RemoteStore"/>; it is not disposed here.</param>
    /// <param name="time">Drives waits and timeouts.</param>
    public RemoteArtifacts(StoreTarget target, HttpMessageHandler transport, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(target);
        // Silence ends an attempt, and not how long it takes in all.
        _http = new HttpClient(transport, disposeHandler: false) { BaseAddress = target.Address, Timeout = Timeout.InfiniteTimeSpan };
        _transfers = new Transfers(time);
        if (target.Token is { } token)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>How many bytes an artifact has on the server; null when it is not there.</summary>
    public Task<Outcome<long?>> FindAsync(Sha256Digest artifact, CancellationToken cancellationToken) => _transfers.RunAsync<long?>(
        $"{_http.BaseAddress} could not be asked for {artifact}",
        async progress => (await AskAsync(artifact, progress.Token)).Then<long?>(standing => standing.Size),
        cancellationToken);

    /// <summary>Sends a file, or what the server lacks of it.</summary>
    /// <param name="artifact">Its digest, as the caller computed it.</param>
    /// <param name="path">The file.</param>
    /// <param name="sent">Told how many bytes the server has; null when nobody watches.</param>
    /// <param name="cancellationToken">Ends the transfer; what was sent stays for the next one.</param>
    /// <returns>Whether anything had to be sent; <see cref="Refusal.DigestMismatch"/> when the file is not that artifact.</returns>
    public async Task<Outcome<bool>> UploadAsync(Sha256Digest artifact, string path, IProgress<long>? sent, CancellationToken cancellationToken)
    {
        try
        {
            using var file = File.OpenHandle(path);
            var length = RandomAccess.GetLength(file);
            // The bytes that an earlier transfer left there may be those of another file: thrown away, they are sent anew, once.
            var mayBeginAnew = true;
            return await _transfers.RunAsync<bool>(
                $"{artifact} could not be sent to {_http.BaseAddress}",
                async progress =>
                {
                    while (true)
                    {
                        if (!(await AskAsync(artifact, progress.Token)).TryGet(out var standing, out var refusal))
                        {
                            return refusal;
                        }

                        if (standing.Size is not null)
                        {
                            return false;
                        }

                        var from = standing.Received <= length ? standing.Received : 0;
                        progress.Report(from);
                        using var content = new FilePart(file, from, length, progress, sent);
                        var answered = await PutAsync(artifact, content, progress.Token);
                        if (!answered.TryGet(out var isMismatch, out refusal))
                        {
                            return refusal;
                        }

                        if (!isMismatch)
                        {
                            return true;
                        }

                        if (from == 0 || !mayBeginAnew)
                        {
                            return new Refusal.DigestMismatch($"{path} is not {artifact}: the server computed another digest while it arrived");
                        }

                        mayBeginAnew = false;
                    }
                },
                cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"{path} cannot be read: {error.Message}");
        }
    }

    /// <summary>Fetches an artifact, or what is missing of it, and puts it in place once its digest was checked.</summary>
    /// <param name="artifact">The artifact.</param>
    /// <param name="path">Where it goes; beside it lies what has arrived, <c>PATH.part</c>.</param>
    /// <param name="most">More bytes than this are refused.</param>
    /// <param name="received">Told how many bytes have arrived; null when nobody watches.</param>
    /// <param name="cancellationToken">Ends the transfer; what arrived stays for the next one.</param>
    /// <returns>How many bytes it has; <see cref="Refusal.Missing"/> when the server does not have it, <see cref="Refusal.DigestMismatch"/> when what it sends is something else.</returns>
    public async Task<Outcome<long>> DownloadAsync(Sha256Digest artifact, string path, long most, IProgress<long>? received, CancellationToken cancellationToken)
    {
        if (!PartialFile.Open(path + ".part", isAlone: true).TryGet(out var file, out var refusal))
        {
            return refusal;
        }

        using (file)
        {
            var mayBeginAnew = true;
            return await _transfers.RunAsync<long>(
                $"{artifact} could not be fetched from {_http.BaseAddress}",
                async progress =>
                {
                    while (true)
                    {
                        var resumed = file.Length > 0;
                        if (!(await GetAsync(artifact, file, most, progress, received)).TryGet(out _, out var refused) || !file.Digest().TryGet(out var found, out refused))
                        {
                            return refused;
                        }

                        if (found == artifact)
                        {
                            return file.PutInPlace(path) is { } unplaced ? unplaced : file.Length;
                        }

                        if (file.Restart() is { } kept)
                        {
                            return kept;
                        }

                        if (!resumed || !mayBeginAnew)
                        {
                            return new Refusal.DigestMismatch($"{_http.BaseAddress} sends something else as {artifact}") { Details = [new("expected", artifact.ToString()), new("found", found.ToString())] };
                        }

                        mayBeginAnew = false;
                    }
                },
                cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static string PathOf(Sha256Digest artifact) => $"artifacts/{artifact}";

    private async Task<Outcome<Standing>> AskAsync(Sha256Digest artifact, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Head, PathOf(artifact));
        using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Transfers.ThrowIfBusy(response);
        return response.StatusCode switch
        {
            HttpStatusCode.OK => new Standing(response.Content.Headers.ContentLength ?? 0, 0),
            // Only a server that has the route says how far an upload got.
            HttpStatusCode.NotFound when Offset(response) is { } offset => new Standing(null, offset),
            HttpStatusCode.NotFound => new Refusal.InvalidArgument($"{_http.BaseAddress} keeps no artifacts"),
            var status => RemoteAnswers.Refuse(null, (int)status, null),
        };
    }

    /// <summary>Whether the server computed another digest.</summary>
    private async Task<Outcome<bool>> PutAsync(Sha256Digest artifact, FilePart content, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Put, PathOf(artifact)) { Content = content };
        // Who may not, or has it already, is told before the bytes are on their way.
        message.Headers.ExpectContinue = true;
        using var response = await _http.SendAsync(message, cancellationToken);
        Transfers.ThrowIfBusy(response);
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK or HttpStatusCode.Created:
                return false;
            case HttpStatusCode.Accepted:
                throw new IOException("the server took a part only");
            case HttpStatusCode.Conflict when Offset(response) is not null:
                throw new IOException("another transfer of the same caller went on with it");
            case HttpStatusCode.UnprocessableEntity:
                return true;
            default:
                return RemoteAnswers.Refuse(null, (int)response.StatusCode, await ProblemAsync(response, cancellationToken));
        }
    }

    private async Task<Outcome<long>> GetAsync(Sha256Digest artifact, PartialFile file, long most, Transfers.Progress progress, IProgress<long>? received)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, PathOf(artifact));
        if (file.Length > 0)
        {
            message.Headers.Range = new RangeHeaderValue(file.Length, null);
        }

        using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, progress.Token);
        Transfers.ThrowIfBusy(response);
        var range = response.Content.Headers.ContentRange;
        switch (response.StatusCode)
        {
            case HttpStatusCode.PartialContent when range is { Length: { } total } && range.From == file.Length:
                return await CopyAsync(response, file, total, most, progress, received);
            case HttpStatusCode.OK when response.Content.Headers.ContentLength is { } total:
                return file.Restart() is { } kept ? kept : await CopyAsync(response, file, total, most, progress, received);
            case HttpStatusCode.RequestedRangeNotSatisfiable when range?.Length == file.Length:
                return file.Length;
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                return file.Restart() is { } unwritten ? unwritten : throw new IOException("more had arrived than there is");
            default:
                return RemoteAnswers.Refuse(null, (int)response.StatusCode, await ProblemAsync(response, progress.Token));
        }
    }

    private static async Task<Outcome<long>> CopyAsync(HttpResponseMessage response, PartialFile file, long length, long most, Transfers.Progress progress, IProgress<long>? received)
    {
        if (length > most)
        {
            return new Refusal.InvalidArgument($"the artifact has {length:N0} bytes, at most {most:N0} are taken");
        }

        await using var body = await response.Content.ReadAsStreamAsync(progress.Token);
        var block = new byte[BlockBytes];
        while (file.Length < length && await body.ReadAsync(block.AsMemory(0, (int)Math.Min(block.Length, length - file.Length)), progress.Token) is > 0 and var read)
        {
            if (file.Append(block.AsSpan(0, read)) is { } refusal)
            {
                return refusal;
            }

            progress.Report(file.Length);
            received?.Report(file.Length);
        }

        return file.Length == length ? length : throw new IOException(string.Create(CultureInfo.InvariantCulture, $"the answer ended after {file.Length} of {length} bytes"));
    }

    private static long? Offset(HttpResponseMessage response) =>
        response.Headers.TryGetValues(OffsetField, out var values) && long.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : null;

    private static async Task<JsonElement?> ProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength is not (> 0 and <= MaxProblemBytes))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <param name="Size">How many bytes the artifact has; null when it is not there.</param>
    /// <param name="Received">How many bytes of the caller's upload have arrived.</param>
    private readonly record struct Standing(long? Size, long Received);
}
