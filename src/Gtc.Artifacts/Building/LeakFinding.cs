namespace Gtc.Artifacts.Building;

/// <summary>A secret that lies in plain text where everybody who has the bundle can read it.</summary>
/// <param name="Path">The file, relative, with <c>/</c> between segments; a member of a pack follows the pack's own path.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Rule">Which rule found it, e.g. <c>private-key</c>.</param>
/// <param name="Excerpt">What it looks like, without giving it away.</param>
public sealed record LeakFinding(string Path, int Line, string Rule, string Excerpt);
