using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;

namespace Gtc.Wasm;

/// <summary>
/// Turns a validated module into a type with one static method per function. Direct calls between functions of the module are plain calls.
/// The assembly is collectible, and for such code the runtime makes optimised machine code at once, method by method, when it is first called.
/// </summary>
internal sealed class ModuleCompiler
{
    private readonly TypeBuilder _type = EmittedAssembly.NewType("Guest");
    private readonly MethodBuilder[] _methods;

    private ModuleCompiler(WasmModule module)
    {
        Module = module;
        Tokens = new Tokens((ModuleBuilder)_type.Module, module);
        _methods = new MethodBuilder[module.Code.Length];
    }

    public WasmModule Module { get; }

    public Tokens Tokens { get; }

    public static CompiledModule Compile(WasmModule module)
    {
        if (module.Code.IsEmpty)
        {
            return new CompiledModule(module, null);
        }

        var compiler = new ModuleCompiler(module);
        compiler.Define();
        for (var own = 0; own < compiler._methods.Length; own++)
        {
            compiler.Compile(own);
        }

        compiler.DefineFillers();
        return new CompiledModule(module, compiler._type.CreateType());
    }

    /// <summary>Calls a function that the module defines.</summary>
    public void Call(ILGenerator il, int function) => Tokens.Call(il, _methods[function - Module.ImportedFunctions], function - Module.ImportedFunctions);

    private void Define()
    {
        var signatures = new (Type Result, Type[] Parameters)[Module.Types.Length];
        for (var own = 0; own < _methods.Length; own++)
        {
            var index = (int)Module.Functions[Module.ImportedFunctions + own];
            if (signatures[index].Parameters is null)
            {
                signatures[index] = (ClrTypes.ResultOf(Module.Types[index]), ClrTypes.ParametersOf(Module.Types[index], typeof(InstanceState)));
            }

            _methods[own] = _type.DefineMethod(
                own.ToString(CultureInfo.InvariantCulture), MethodAttributes.Public | MethodAttributes.Static, signatures[index].Result, signatures[index].Parameters);
        }
    }

    private void Compile(int own)
    {
        var survey = FunctionSurvey.Of(Module, Module.Code[own]);
        var size = 64 + (Module.Code[own].Length * 3);
        if (!survey.MayBeLarge(Module.Code[own]))
        {
            FunctionCompiler.Compile(this, own, survey, _methods[own].GetILGenerator(size));
            return;
        }

        // A large frame is entered through a small function, which checks first: the frame itself is touched before its own code runs.
        var type = Module.TypeOf(Module.ImportedFunctions + own);
        var body = _type.DefineMethod(
            $"large-{own}", MethodAttributes.Public | MethodAttributes.Static, ClrTypes.ResultOf(type), ClrTypes.ParametersOf(type, typeof(InstanceState)));
        body.SetImplementationFlags(MethodImplAttributes.NoInlining);
        var values = FunctionCompiler.Compile(this, own, survey, body.GetILGenerator(size));
        var il = _methods[own].GetILGenerator();
        StackCheck.Emit(il, Tokens, type.Parameters.Length, StackCheck.BytesFor(values));
        for (var argument = 0; argument <= type.Parameters.Length; argument++)
        {
            GuestLocals.LoadArgument(il, argument);
        }

        il.Emit(OpCodes.Tailcall);
        il.Emit(OpCodes.Call, body);
        il.Emit(OpCodes.Ret);
    }

    private void DefineFillers()
    {
        for (var first = 0; first < _methods.Length; first += CompiledModule.FillerSize)
        {
            var filler = _type.DefineMethod(
                CompiledModule.FillerName(first / CompiledModule.FillerSize), MethodAttributes.Public | MethodAttributes.Static, typeof(void), [typeof(nint*)]);
            var il = filler.GetILGenerator();
            for (var own = first; own < Math.Min(first + CompiledModule.FillerSize, _methods.Length); own++)
            {
                il.Emit(OpCodes.Ldarg_0);
                il.Emit(OpCodes.Ldc_I4, (own - first) * IntPtr.Size);
                il.Emit(OpCodes.Add);
                il.Emit(OpCodes.Ldftn, _methods[own]);
                il.Emit(OpCodes.Stind_I);
            }

            il.Emit(OpCodes.Ret);
        }
    }
}
