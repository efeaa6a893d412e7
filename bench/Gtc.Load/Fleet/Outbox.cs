namespace Gtc.Load.Fleet;

/// <summary>
/// Which pairs have a report under way and which have a newer one waiting: of one pair only one is under way at a time, and of those that wait only the
/// newest counts. So a report is never overtaken by an older one, and one that was not acknowledged is sent again.
/// </summary>
internal sealed class Outbox
{
    private readonly Dictionary<(int Device, int Deployment), bool> _underWay = [];

    /// <summary>How many pairs have something under way.</summary>
    public int Count => _underWay.Count;

    /// <summary>A pair has something new to say.</summary>
    /// <returns>True when it may be sent now; else it is sent when the one before is through.</returns>
    public bool Begin((int Device, int Deployment) pair)
    {
        if (_underWay.ContainsKey(pair))
        {
            _underWay[pair] = true;
            return false;
        }

        _underWay[pair] = false;
        return true;
    }

    /// <summary>The report under way was acknowledged, or it failed.</summary>
    /// <returns>True when the pair has to send again, and has it under way once more.</returns>
    public bool End((int Device, int Deployment) pair, bool isAcknowledged)
    {
        if (isAcknowledged && !_underWay[pair])
        {
            _underWay.Remove(pair);
            return false;
        }

        _underWay[pair] = false;
        return true;
    }
}
