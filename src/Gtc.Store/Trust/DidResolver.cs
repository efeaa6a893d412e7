using System.Net;
using System.Net.Sockets;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>Gets the document of a <c>did:web</c> identifier over HTTPS, bounded in size and time.</summary>
/// <param name="handler">The transport; it must not follow redirects, since only the named host may speak for the identifier.</param>
public sealed class DidResolver(HttpMessageHandler handler)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Gets and reads the document.</summary>
    /// <returns>The document with at least one key, or <see cref="Refusal.FetchFailed"/>.</returns>
    public async Task<Outcome<DidDocument>> ResolveAsync(DidWeb did, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(did);
        using var client = new HttpClient(handler, disposeHandler: false) { Timeout = Patience, MaxResponseContentBufferSize = DidDocument.MaxBytes };
        using var request = new HttpRequestMessage(HttpMethod.Get, did.Document);
        request.Headers.Accept.ParseAdd("application/did+json, application/did+ld+json, application/json");
        try
        {
            using var response = await client.SendAsync(request, cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return Failed(did, $"the answer was {(int)response.StatusCode}, 200 was expected{(response.Headers.Location is null ? "" : "; redirects are not followed, since only that host may speak for the identifier")}");
            }

            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return DidDocument.Parse(body, did.Text).TryGet(out var document, out var error) ? document : Failed(did, error.Message);
        }
        catch (Exception error) when (error is HttpRequestException or SocketException)
        {
            return Failed(did, error.Message.ReplaceLineEndings(" ").TrimEnd('.'));
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(did, $"there was no full answer within {Patience.TotalSeconds:0} seconds");
        }
    }

    private static Refusal.FetchFailed Failed(DidWeb did, string why) => new($"the keys of {did.Text} could not be had: {why}")
    {
        Details = [new("from", did.Document.ToString())],
        Next = $"curl -v {did.Document}",
    };
}
