using Gtc.Flows;
using Gtc.Model;
using Microsoft.AspNetCore.Http.Features;

namespace Gtc.Runtime;

/// <summary>A request's body, read once.</summary>
internal sealed class IngressBody(IFeatureCollection context, CallerIdentity identity)
{
    private static readonly NoSeat TooLarge = new(413, BoundedBody.TooLarge);

    private bool _isRead;
    private NoSeat? _problem;

    /// <summary>What it says, once it is read; null when it says nothing that can be understood.</summary>
    public InboundActivity? Message { get; private set; }

    /// <summary>Why it cannot be understood.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>Its bytes, once it is read.</summary>
    public long Length { get; private set; }

    /// <summary>Reads it.</summary>
    /// <returns>The answer when it is too large, else null.</returns>
    public async ValueTask<NoSeat?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_isRead)
        {
            return _problem;
        }

        _isRead = true;
        var bytes = await BoundedBody.ReadAsync(
            context.GetRequiredFeature<IRequestBodyPipeFeature>().Reader,
            context.GetRequiredFeature<IHttpRequestFeature>().Headers.ContentLength,
            cancellationToken);
        if (bytes is not { } body)
        {
            _problem = TooLarge;
            return _problem;
        }

        Length = body.Length;
        var read = InboundActivity.FromBody(body.Span, identity);
        (Message, Refusal) = (read.IsOk ? read.Value : null, read.Refusal);
        return null;
    }
}
