namespace Gtc.Load.Fleet;

/// <summary>Durations, all of them kept.</summary>
internal sealed class Percentiles
{
    private readonly List<double> _milliseconds = [];

    public int Count => _milliseconds.Count;

    public void Add(TimeSpan elapsed) => _milliseconds.Add(elapsed.TotalMilliseconds);

    /// <param name="share">0.5 for the median, 1 for the worst.</param>
    /// <returns>Milliseconds; NaN when nothing was measured.</returns>
    public double At(double share)
    {
        if (_milliseconds.Count == 0)
        {
            return double.NaN;
        }

        var sorted = _milliseconds.Order().ToList();
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];
    }
}
