using System.Globalization;

namespace Gtc.Proxy.Http;

/// <summary>How refused heads are answered.</summary>
internal static class HeadFaults
{
    /// <summary>The status and what is said.</summary>
    public static (int Status, string Text) AnswerTo(HeadFault fault) => fault switch
    {
        HeadFault.FieldsTooLarge => (431, string.Create(CultureInfo.InvariantCulture, $"the head has more than {HeadLimits.MaxHead} bytes or {HeadLimits.MaxFields} fields")),
        HeadFault.TargetTooLong => (414, string.Create(CultureInfo.InvariantCulture, $"the request target has more than {HeadLimits.MaxTarget} bytes")),
        HeadFault.UnknownCoding => (501, "the only transfer coding that is understood is chunked, once"),
        HeadFault.UnknownExpectation => (417, "the only expectation that is understood is 100-continue"),
        HeadFault.UnknownVersion or HeadFault.Http2 => (505, "HTTP/1.1 and HTTP/1.0 are spoken here"),
        HeadFault.Tunnel => (405, "CONNECT is not offered"),
        _ => (400, "the request is not well-formed HTTP/1.1"),
    };
}
