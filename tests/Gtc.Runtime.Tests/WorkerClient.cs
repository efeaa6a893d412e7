using System.Net;
using System.Text;
using System.Text.Json;

namespace Gtc.Runtime.Tests;

/// <summary>Talks to a worker as callers do that keep no cookies of their own accord.</summary>
internal sealed class WorkerClient(IPEndPoint address) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri($"http://{address}") };

    public WorkerClient(WorkerHost worker)
        : this(worker.Address)
    {
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    /// <summary>Greets, with header fields, and says who answered.</summary>
    public async Task<Reply> GreetAsync(params (string Name, string Value)[] fields)
    {
        using var answer = await SendAsync(new StringContent("""{"text":"Ada"}""", Encoding.UTF8, "application/json"), fields);
        return await Reply.OfAsync(answer);
    }

    public async Task<HttpResponseMessage> SendAsync(HttpContent content, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = content };
        foreach (var (name, value) in fields)
        {
            request.Headers.Add(name, value);
        }

        return await _client.SendAsync(request, Token);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => _client.GetAsync(new Uri(path, UriKind.Relative), Token);

    public async Task<JsonElement> StatusAsync() => JsonElement.Parse(await _client.GetStringAsync(new Uri("/status", UriKind.Relative), Token));

    /// <summary>An answer: who gave it, and the cookies that it sets as a caller sends them back.</summary>
    internal sealed record Reply(int Status, string Text, string? Served, IReadOnlyList<string> Cookies)
    {
        public string? Pin => Cookies.FirstOrDefault(cookie => cookie.StartsWith("_gt_rev_", StringComparison.Ordinal))?.Split(';')[0];

        public string? Caller => Cookies.FirstOrDefault(cookie => cookie.StartsWith("_gt_caller", StringComparison.Ordinal))?.Split(';')[0];

        public static async Task<Reply> OfAsync(HttpResponseMessage answer) => new(
            (int)answer.StatusCode,
            await answer.Content.ReadAsStringAsync(Token),
            answer.Headers.TryGetValues("X-Served-Revision", out var served) ? served.Single() : null,
            answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? [.. cookies] : []);

        /// <summary>Whether a revision says in its greeting that it is this one.</summary>
        public bool IsFrom(object revision) => Status == 200 && Text.Contains($"I am revision {revision}.", StringComparison.Ordinal);
    }
}
