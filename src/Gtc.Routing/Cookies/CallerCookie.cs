namespace Gtc.Routing;

/// <summary>The cookie by which a caller is known that says nothing else about itself (decision 17). It holds a random id and nothing secret: which revision an id is given follows from the shares.</summary>
public static class CallerCookie
{
    /// <summary>Its name.</summary>
    public const string Name = "_gt_caller";

    /// <summary>The hexadecimal digits of an id.</summary>
    public const int IdLength = 16;

    /// <summary>The Set-Cookie value that gives a caller its id.</summary>
    public static string SetCookie(string id) => $"{Name}={id}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000";
}
