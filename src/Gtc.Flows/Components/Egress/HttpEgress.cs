using System.Net;
using System.Net.Sockets;

namespace Gtc.Flows;

/// <summary>
/// Sends the HTTP requests of components, as far as the component's pack declares them and the environment grants them. Names are resolved here, and the
/// address that was checked is the one that is connected to. It knows no cookies, no proxies and no credentials of its own. Thread-safe.
/// </summary>
public sealed class HttpEgress : IDisposable
{
    private static readonly HttpRequestOptionsKey<Uri> Target = new("gtc.egress.target");

    private readonly EgressPolicy _policy;
    private readonly EgressLimits _limits;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _client;

    /// <summary>One for all revisions of a process.</summary>
    /// <param name="policy">Where to.</param>
    /// <param name="limits">What a request may cost.</param>
    /// <param name="time">Whose time bounds requests.</param>
    public HttpEgress(EgressPolicy policy, EgressLimits limits, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(limits);
        _policy = policy;
        _limits = limits;
        _time = time;
        _client = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = Math.Max(1, limits.MaxHeaderBytes / 1024),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectTimeout = limits.MaxTime,
            ConnectCallback = ConnectAsync,
        });
    }

    /// <summary>Sends a request.</summary>
    /// <param name="declares">What the component's pack says that it needs.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>The response; or a fault with the code <c>denied</c> when it may not be sent, <c>unavailable</c> when there is no answer.</returns>
    public async Task<HostAnswer<HostHttpResponse>> SendAsync(DeclaredCapabilities declares, HostHttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(declares);
        ArgumentNullException.ThrowIfNull(request);
        if (!declares.SendsHttp)
        {
            return new HostFault("denied", "the pack does not declare that this component sends HTTP requests");
        }

        var time = request.Timeout is { } asked && asked < _limits.MaxTime ? asked : _limits.MaxTime;
        using var limit = new CancellationTokenSource(time, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await FollowAsync(declares, request, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new HostFault("unavailable", $"timeout: there was no whole answer within {time.TotalSeconds:0.###} s");
        }
        catch (HttpRequestException error) when (error.InnerException is AddressDeniedException denied)
        {
            return new HostFault("denied", denied.Message);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or SocketException)
        {
            return new HostFault("unavailable", error.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<HostAnswer<HostHttpResponse>> FollowAsync(DeclaredCapabilities declares, HostHttpRequest request, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            if (EgressMessage.Check(request, _limits) is { } wrong)
            {
                return wrong;
            }

            var url = new Uri(request.Url);
            if (Refuse(declares, request, url) is { } refused)
            {
                return refused;
            }

            using var message = EgressMessage.Make(request, url);
            message.Options.Set(Target, url);
            using var response = await _client.SendAsync(message, cancellationToken);
            if (request.FollowsRedirects && EgressMessage.Redirected(request, url, response) is { } next)
            {
                if (redirects == _limits.MaxRedirects)
                {
                    return new HostFault("unavailable", $"the answer redirects more than {_limits.MaxRedirects} times");
                }

                request = next;
                continue;
            }

            return await EgressMessage.ReadAsync(response, _limits, cancellationToken);
        }
    }

    private HostFault? Refuse(DeclaredCapabilities declares, HostHttpRequest request, Uri url)
    {
        var host = EgressPolicy.HostOf(url);
        return url.Scheme == Uri.UriSchemeHttp && request.AllowsInsecure == false ? new("denied", "the request asks for https alone, and its URL is http")
            : !declares.HttpHosts.IsEmpty && !declares.HttpHosts.Any(pattern => EgressPolicy.IsHost(pattern, host)) ? new("denied", $"the pack does not declare that this component sends requests to {host}")
            : !_policy.MayReach(url) ? new("denied", $"the environment grants no {url.Scheme} requests to {host}:{url.Port}")
            : null;
    }

    // What was checked is what is connected to: the name is not looked up a second time.
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        context.InitialRequestMessage.Options.TryGetValue(Target, out var url);
        var host = EgressPolicy.HostOf(url!);
        var found = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        var allowed = Array.FindAll(found, address => _policy.Allows(url!, address));
        if (allowed.Length == 0)
        {
            throw new AddressDeniedException(found.Length == 0
                ? $"{host} has no address"
                : $"{host} is at {found[0]}, which is no public address, and the environment does not grant it");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, url!.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class AddressDeniedException(string message) : IOException(message);
}
