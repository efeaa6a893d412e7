using System.Diagnostics.CodeAnalysis;
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

    /// <summary>A method of an emitted type.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "The type was emitted at run time, with its method; trimming never saw it.")]
    public static MethodInfo Method(Type type, string name) => type.GetMethod(name)!;

    /// <summary>The address of a method of an emitted type; valid while the type is referred to.</summary>
    public static nint Address(Type type, string name) => Method(type, name).MethodHandle.GetFunctionPointer();
}
