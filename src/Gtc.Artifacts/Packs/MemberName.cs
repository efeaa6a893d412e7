namespace Gtc.Artifacts.Packs;

/// <summary>The one rule for names inside packs and bundles: relative, forward slashes, no way out, nothing a terminal would act on.</summary>
internal static class MemberName
{
    /// <summary>Why a name is not acceptable, or null when it is. A final slash (a folder) is fine.</summary>
    public static string? Problem(string name)
    {
        if (name.Length is 0 or > 1024)
        {
            return "is empty or longer than 1024 characters";
        }

        if (name[0] == '/' || (name.Length > 1 && name[1] == ':'))
        {
            return "is absolute";
        }

        foreach (var character in name)
        {
            if (character == '\\' || char.IsControl(character))
            {
                return "holds a backslash or a control character";
            }
        }

        var path = name.EndsWith('/') ? name.AsSpan(0, name.Length - 1) : name;
        foreach (var range in path.Split('/'))
        {
            if (path[range] is "" or "." or "..")
            {
                return "holds an empty, `.` or `..` segment";
            }
        }

        return null;
    }
}
