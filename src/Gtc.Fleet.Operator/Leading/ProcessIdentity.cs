using System.Globalization;

namespace Gtc.Fleet.Operator;

/// <summary>Names a process of a host so that another of the same host can see that it is gone: host, process id, and the process's start.</summary>
internal static class ProcessIdentity
{
    /// <summary>This process.</summary>
    public static string Own => Of(Environment.ProcessId);

    /// <summary>Whether an identity is that of a process of this host that is gone.</summary>
    public static bool IsKnownDead(string identity)
    {
        var parts = identity.Split('/');
        return parts.Length == 3 && parts[0] == Environment.MachineName && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Of(id) != identity;
    }

    private static string Of(int id) => string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{id}/{StartOf(id)}");

    /// <summary>Field 22 of <c>/proc/PID/stat</c> (proc(5)), counted behind the name, which may hold anything.</summary>
    private static string StartOf(int id)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "gone";
        }
    }
}
