using Xunit.v3;

namespace Gtc.Cli.Tests;

/// <summary>Runs a suite of `gtc op` once more, on a store server over loopback in place of files: the same command lines, the same expectations.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class OverAServerAttribute : Attribute
{
    /// <summary>Whether the running test is of such a class.</summary>
    public static bool IsOn => TestContext.Current.TestClass is IXunitTestClass { Class: var type } && type.IsDefined(typeof(OverAServerAttribute), inherit: false);
}
