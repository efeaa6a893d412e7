using System.Net;
using System.Net.Http.Headers;
using Gtc.Artifacts.Sources;
using Gtc.Model;

namespace Gtc.Artifacts.Oci;

/// <summary>Puts blobs and manifests into a repository (distribution specification, push).</summary>
internal sealed class BlobUpload(RegistryConnection connection, TimeProvider time)
{
    /// <summary>Uploads a blob unless the repository has it.</summary>
    /// <returns>True when it was there already.</returns>
    public async Task<bool> PutBlobAsync(Sha256Digest digest, Func<HttpContent> content, StallGuard guard)
    {
        using (var head = await connection.SendAsync(new Ask(HttpMethod.Head, new Uri(connection.Root, $"blobs/{digest}")), guard))
        {
            if (head.StatusCode == HttpStatusCode.OK)
            {
                return true;
            }

            if (head.StatusCode != HttpStatusCode.NotFound)
            {
                throw Failures.OfStatus(head, time, $"the registry answered {(int)head.StatusCode}");
            }
        }

        var place = await BeginAsync(guard);
        // The session's address may carry a query of its own, which has to be kept.
        var query = place.Query.Length > 1 ? place.Query[1..] + "&" : "";
        var target = new UriBuilder(place) { Query = $"{query}digest={Uri.EscapeDataString(digest.ToString())}" }.Uri;
        using var response = await connection.SendAsync(new Ask(HttpMethod.Put, target) { Content = () => Binary(content()) }, guard);
        if (response.StatusCode != HttpStatusCode.Created)
        {
            throw await RegistryFailure.OfAsync(response, time, guard);
        }

        return false;
    }

    /// <summary>Stores a manifest under a tag, or under its own digest.</summary>
    public async Task PutManifestAsync(string name, byte[] manifest, Sha256Digest digest, StallGuard guard)
    {
        var ask = new Ask(HttpMethod.Put, new Uri(connection.Root, "manifests/" + name))
        {
            Content = () => new ByteArrayContent(manifest) { Headers = { ContentType = new MediaTypeHeaderValue(BundleManifest.MediaType) } },
        };
        using var response = await connection.SendAsync(ask, guard);
        if (response.StatusCode != HttpStatusCode.Created)
        {
            throw await RegistryFailure.OfAsync(response, time, guard);
        }

        if (response.Headers.TryGetValues("Docker-Content-Digest", out var values)
            && Sha256Digest.TryParse(values.FirstOrDefault(), out var stored) && stored != digest)
        {
            throw ManifestReader.Mismatch("the registry stored another manifest than the one that was sent", digest, stored);
        }
    }

    private async Task<Uri> BeginAsync(StallGuard guard)
    {
        var begin = new Uri(connection.Root, "blobs/uploads/");
        using var response = await connection.SendAsync(new Ask(HttpMethod.Post, begin) { Content = static () => new ByteArrayContent([]) }, guard);
        if (response.StatusCode != HttpStatusCode.Accepted)
        {
            throw await RegistryFailure.OfAsync(response, time, guard);
        }

        if (response.Headers.Location is not { } location || !Uri.TryCreate(begin, location, out var place)
            || (place.Scheme != Uri.UriSchemeHttps && place.Scheme != connection.Root.Scheme))
        {
            throw new FetchException("the registry opened an upload without a usable Location") { Status = (int)response.StatusCode };
        }

        return place;
    }

    private static HttpContent Binary(HttpContent content)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue(LayerChoice.BundleLayer);
        return content;
    }
}
