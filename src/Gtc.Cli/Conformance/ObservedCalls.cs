using System.Collections.Immutable;
using System.Net;
using Gtc.Conformance;

namespace Gtc.Cli.Conformance;

/// <summary>A log of a deployer's calls to an API server, and faults on demand.</summary>
internal sealed class ObservedCalls
{
    private readonly Lock _gate = new();
    private readonly List<ProviderCall> _calls = [];
    private int _failIn;

    /// <summary>The calls since the log was forgotten last.</summary>
    public ImmutableArray<ProviderCall> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>Empties the log.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _calls.Clear();
        }
    }

    /// <summary>Makes a call fail.</summary>
    /// <param name="number">Which one from now on, counted from 1.</param>
    public void Fail(int number)
    {
        lock (_gate)
        {
            _failIn = number;
        }
    }

    /// <summary>Stands between a client and the server.</summary>
    /// <param name="connections">What reaches the server.</param>
    /// <param name="before">What is done before a call goes out.</param>
    public HttpMessageHandler Around(HttpMessageHandler connections, Func<HttpRequestMessage, CancellationToken, Task> before) => new Watched(this, connections, before);

    /// <summary>Notes a call. A question about access changes nothing, though it is posted.</summary>
    /// <returns>Whether it is to fail.</returns>
    private bool Called(HttpRequestMessage request)
    {
        var path = request.RequestUri!.PathAndQuery;
        lock (_gate)
        {
            _calls.Add(new ProviderCall($"{request.Method} {path}", request.Method != HttpMethod.Get && !path.Contains("/selfsubject", StringComparison.Ordinal)));
            return _failIn > 0 && --_failIn == 0;
        }
    }

    private sealed class Watched(ObservedCalls calls, HttpMessageHandler connections, Func<HttpRequestMessage, CancellationToken, Task> before) : DelegatingHandler(connections)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (calls.Called(request))
            {
                return new HttpResponseMessage(HttpStatusCode.InternalServerError) { Content = new StringContent("""{"kind":"Status","message":"etcd was away for a moment"}""") };
            }

            await before(request, cancellationToken);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
