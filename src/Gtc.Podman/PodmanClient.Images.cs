using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Podman;

public sealed partial class PodmanClient
{
    private static readonly System.Net.Http.Headers.MediaTypeHeaderValue Tar = new("application/x-tar");

    /// <summary>Is the image in the store?</summary>
    public Task<PodmanResult<bool>> HasImageAsync(string reference, CancellationToken cancellationToken) => IsThereAsync($"images/{Escape(reference)}/exists", cancellationToken);

    /// <summary>What is known of an image.</summary>
    /// <param name="reference">A name or its id.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public Task<PodmanResult<ImageDetails>> InspectImageAsync(string reference, CancellationToken cancellationToken) =>
        _transport.ReadAsync(new(HttpMethod.Get, $"images/{Escape(reference)}/json"), PodmanJson.Default.ImageDetails, cancellationToken);

    /// <summary>
    /// Pulls an image, whether or not it is in the store. podman answers 200 before it knows how it ends, so the stream is read to its end: a line with an error, or no id, is a failure.
    /// </summary>
    /// <returns>The id of the image.</returns>
    public async Task<PodmanResult<string>> PullAsync(ImagePull pull, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pull);
        var call = new PodmanCall(HttpMethod.Post, $"images/pull?reference={Escape(pull.Reference)}&tlsVerify={(pull.IsInsecure ? "false" : "true")}")
        {
            RegistryAuth = pull.Login is { } login ? Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(new LoginBody(login.User, login.Password), PodmanJson.Default.LoginBody)) : null,
            Timeout = pull.Patience,
        };
        if (!(await _transport.OpenAsync(call, cancellationToken)).TryGet(out var response, out var error))
        {
            return error;
        }

        using (response)
        using (var limit = new CancellationTokenSource(pull.Patience, _time))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken))
        {
            try
            {
                return await ReadPullAsync(await response.Content.ReadAsStreamAsync(either.Token), pull, limit, either.Token);
            }
            catch (Exception lost) when (PodmanTransport.IsExpected(lost, cancellationToken))
            {
                return lost is OperationCanceledException
                    ? new PodmanError(PodmanErrorKind.TimedOut, $"pulling {pull.Reference} made no progress for {pull.Patience.TotalMinutes:0.#} min")
                    : _transport.Explain(lost, pull.Patience);
            }
        }
    }

    /// <summary>Loads an archive of one image (docker-archive; archives of several images fail on older podman).</summary>
    /// <returns>The names that it has now.</returns>
    public async Task<PodmanResult<ImmutableArray<string>>> LoadAsync(Stream archive, CancellationToken cancellationToken) =>
        (await _transport.ReadAsync(Upload("images/load", archive), PodmanJson.Default.LoadedImages, cancellationToken)).TryGet(out var loaded, out var error) ? loaded.Names ?? [] : error;

    /// <summary>Makes an image of a tar archive of its files.</summary>
    /// <returns>The id of the image.</returns>
    public async Task<PodmanResult<string>> ImportAsync(string reference, Stream files, CancellationToken cancellationToken) =>
        (await _transport.ReadAsync(Upload($"images/import?reference={Escape(reference)}", files), PodmanJson.Default.ImportedImage, cancellationToken)).TryGet(out var made, out var error) ? made.Id ?? "" : error;

    /// <summary>Gives an image another name.</summary>
    /// <param name="reference">A name that it has.</param>
    /// <param name="repository">The new name without its tag.</param>
    /// <param name="tag">The tag.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task<PodmanResult<bool>> TagAsync(string reference, string repository, string tag, CancellationToken cancellationToken) =>
        Changed(await _transport.SendAsync(new(HttpMethod.Post, $"images/{Escape(reference)}/tag?repo={Escape(repository)}&tag={Escape(tag)}"), cancellationToken));

    /// <summary>Removes an image that no container uses.</summary>
    /// <returns>False when it was not there.</returns>
    public async Task<PodmanResult<bool>> RemoveImageAsync(string reference, CancellationToken cancellationToken) =>
        AbsentIsFine(await _transport.SendAsync(new(HttpMethod.Delete, $"images/{Escape(reference)}") { Timeout = Minutes(2) }, cancellationToken));

    /// <summary>A body of type form would be swallowed as parameters, and an empty image would be made: the type must say tar.</summary>
    private static PodmanCall Upload(string path, Stream tar) =>
        new(HttpMethod.Post, path) { Body = new StreamContent(tar) { Headers = { ContentType = Tar } }, Timeout = Minutes(30) };

    private static async Task<PodmanResult<string>> ReadPullAsync(Stream stream, ImagePull pull, CancellationTokenSource limit, CancellationToken cancellationToken)
    {
        string? id = null;
        string? failure = null;
        await foreach (var line in StreamLines.LinesAsync(stream, cancellationToken))
        {
            limit.CancelAfter(pull.Patience);
            var read = Parse(line);
            failure ??= read.Error;
            id = read.Id ?? id;
        }

        return failure is not null ? ErrorText.OfPull(failure)
            : id is { Length: > 0 } ? id
            : new PodmanError(PodmanErrorKind.PullFailed, $"podman ended the pull of {pull.Reference} without an image and without a reason", 200);
    }

    private static PullLine Parse(byte[] line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, PodmanJson.Default.PullLine) ?? throw new ProtocolException("a line of a pull is null");
        }
        catch (JsonException)
        {
            throw new ProtocolException("a line of a pull is not JSON");
        }
    }
}
