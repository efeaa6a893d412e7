using System.Reflection;
using System.Reflection.Emit;

namespace Gtc.Wasm;

/// <summary>Where emitted code lives: one collectible assembly per type, so that it goes when nothing refers to it any more.</summary>
internal static class EmittedAssembly
{
    /// <summary>The name that this assembly opens its internals to.</summary>
    public const string Name = "Gtc.Wasm.Emitted";

    public static TypeBuilder NewType(string name) =>
        AssemblyBuilder
            .DefineDynamicAssembly(new AssemblyName(Name), AssemblyBuilderAccess.RunAndCollect)
            .DefineDynamicModule(Name)
            .DefineType(name, TypeAttributes.Public | TypeAttributes.Abstract | TypeAttributes.Sealed);
}
