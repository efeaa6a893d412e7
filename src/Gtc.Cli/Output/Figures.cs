using System.Globalization;

namespace Gtc.Cli.Output;

/// <summary>Numbers and digests for people.</summary>
internal static class Figures
{
    /// <summary>A size in its largest binary unit, e.g. <c>6.1 KiB</c>.</summary>
    public static string Size(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var value = (double)bytes;
        var unit = 0;
        while (value >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return $"{value.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture)} {units[unit]}";
    }

    /// <summary>A number of things, e.g. <c>1 folder</c> or <c>3 folders</c>.</summary>
    public static string Count(int number, string thing) => string.Create(CultureInfo.InvariantCulture, $"{number} {thing}{(number == 1 ? "" : "s")}");

    /// <summary>A share of the dial in percent, e.g. <c>12.5 %</c>.</summary>
    public static string Percent(uint basisPoints) => string.Create(CultureInfo.InvariantCulture, $"{basisPoints / 100m:0.##} %");

    /// <summary>The algorithm and the first twelve digits of a digest, enough to tell two apart.</summary>
    public static string ShortDigest(string digest)
    {
        const int Shown = 19;
        return digest.Length <= Shown ? digest : $"{digest[..Shown]}…";
    }
}
