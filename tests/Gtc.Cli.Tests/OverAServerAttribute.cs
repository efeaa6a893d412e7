using Xunit.v3;

namespace Gtc.Cli.Tests;

/// <summary>Runs a suite of `gtc op` once more, on a store server over loopback in place of files: the same command lines, the same expectations.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class OverAServerAttribute : Attribute
{
    /// <summary>Whether the server keeps its environments in PostgreSQL; else in the folder that the test uses as its local store.</summary>
    public bool OnPostgres { get; init; }

    /// <summary>That of the running test's class, or null.</summary>
    public static OverAServerAttribute? Current => TestContext.Current.TestClass is IXunitTestClass { Class: var type }
        ? (OverAServerAttribute?)GetCustomAttribute(type, typeof(OverAServerAttribute), inherit: false)
        : null;
}
