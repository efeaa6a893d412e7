using Gtc.Routing;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>Tells once when the store of session pins stops to answer, and once when it answers again. Asked by one thread, every few seconds.</summary>
internal sealed partial class PinWatch(PinStore pins, ILogger logger)
{
    private long _unanswered;
    private bool _isLost;

    /// <summary>Looks at it.</summary>
    public void Check()
    {
        var unanswered = pins.Pins.Unanswered;
        var isLost = pins.Problem is not null || unanswered > _unanswered;
        if (isLost && !_isLost)
        {
            Log.Lost(logger, pins.Place, pins.Problem ?? "it does not answer in time", unanswered);
        }
        else if (_isLost && !isLost)
        {
            Log.Back(logger, pins.Place, unanswered);
        }

        (_unanswered, _isLost) = (unanswered, isLost);
    }

    private static partial class Log
    {
        [LoggerMessage(4741, LogLevel.Warning, "Session pins in {Place} cannot be had, the callers' keys decide: {Reason} ({Unanswered} calls went unanswered until now)")]
        public static partial void Lost(ILogger logger, string place, string reason, long unanswered);

        [LoggerMessage(4742, LogLevel.Information, "Session pins in {Place} are answered again ({Unanswered} calls went unanswered until now)")]
        public static partial void Back(ILogger logger, string place, long unanswered);
    }
}
